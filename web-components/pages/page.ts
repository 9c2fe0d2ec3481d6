import type { SessionAnswer } from '../../protocol/routes/access.ts';
import type { IconName } from '../parts/icons.ts';

/**
 * A page of the dashboard. One file beside this one defines the element `tag`; `index.ts` lists the page. The element gets the
 * parameters of its path as property `params` and says its own title with `setTitle`, where that depends on what it shows.
 */
export interface Page {
  readonly id: string;
  readonly title: () => string;
  /** `:name` is a parameter, `:name?` one that may be absent. */
  readonly path: string;
  /**
   * Place in the navigation, in order of the list; absent for pages that one reaches from others. `title` is for the first page of a
   * group, whose place stands for all of them.
   */
  readonly nav?: { readonly icon: IconName; readonly title?: () => string };
  /** Pages that share one place in the navigation, and a list of their own beside the page. */
  readonly group?: 'alerts' | 'settings';
  /** The least role that may open the page; who has less neither sees a link nor, by the address, the page. */
  readonly access?: SessionAnswer['role'];
  /** Id of the page in the navigation that this one belongs to. */
  readonly within?: string;
  readonly tag: string;
  /** Loads the file when the page is first opened. */
  load(): Promise<unknown>;
}

/** An element that is a page. */
export interface PageElement extends HTMLElement {
  params: Record<string, string>;
}

/** Name of the page in the browser's tab. */
export function setTitle(title: string): void {
  document.title = title === '' ? 'Reeve' : `${title} · Reeve`;
}
