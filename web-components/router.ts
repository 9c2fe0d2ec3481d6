/** What the router needs to know of a page; `:name` is a parameter, `:name?` one that may be absent. */
export interface Routed {
  readonly path: string;
}

export interface Match<P extends Routed> {
  page: P;
  params: Record<string, string>;
}

/** Parameters of a path that fits the pattern, undefined for one that does not. */
export function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const wanted = pattern.split('/').filter((part) => part !== '');
  const given = pathname.split('/').filter((part) => part !== '');
  if (given.length > wanted.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index];
    if (!part.startsWith(':')) {
      if (part !== value) return undefined;
      continue;
    }
    const name = part.replace(/^:|\?$/g, '');
    if (value !== undefined) params[name] = decoded(value);
    else if (!part.endsWith('?')) return undefined;
  }
  return params;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The first page of the table whose path fits. */
export function matchPage<P extends Routed>(pages: readonly P[], pathname: string): Match<P> | undefined {
  for (const page of pages) {
    const params = matchPath(page.path, pathname);
    if (params) return { page, params };
  }
  return undefined;
}

/** A query string with some parameters changed; empty and undefined ones are taken out. */
export function changedQuery(search: string, changes: Record<string, string | undefined>): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

type Listener = (change: 'page' | 'query') => void;

/** The address bar as state: who listens hears of every change, from links, from code and from Back. */
class Router {
  readonly #listeners = new Set<Listener>();
  #path = '';
  /** Where the page that is shown stands, query included. */
  #shown = '';
  #holds: ((target: string) => boolean) | undefined;

  /** Begins to follow links below `document` and the browser's Back and Forward. */
  start(): void {
    this.#path = location.pathname;
    this.#shown = here();
    document.addEventListener('click', (event) => this.#onClick(event));
    addEventListener('popstate', () => this.#wentBack());
  }

  /** Asks `holds` before another page is shown; when it answers true, this one stays, and whoever holds goes on with `go` later. */
  holdBack(holds: ((target: string) => boolean) | undefined): void {
    this.#holds = holds;
  }

  #isHeld(target: string): boolean {
    const isOther = new URL(target, location.origin).pathname !== this.#path;
    return isOther && (this.#holds?.(target) ?? false);
  }

  /** The browser has changed the address already: one that is held is put back. */
  #wentBack(): void {
    const target = here();
    if (this.#isHeld(target)) history.pushState(null, '', this.#shown);
    else this.#changed();
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Goes to a path with query, as a link does. */
  go(target: string, how: 'push' | 'replace' = 'push'): void {
    if (this.#isHeld(target)) return;
    if (how === 'push') history.pushState(null, '', target);
    else history.replaceState(null, '', target);
    this.#changed();
  }

  get query(): URLSearchParams {
    return new URLSearchParams(location.search);
  }

  /** Writes filters, sort orders and ranges into the address without a new entry in the history. */
  setQuery(changes: Record<string, string | undefined>): void {
    this.go(location.pathname + changedQuery(location.search, changes) + location.hash, 'replace');
  }

  #changed(): void {
    const change = location.pathname === this.#path ? 'query' : 'page';
    this.#path = location.pathname;
    this.#shown = here();
    for (const listener of this.#listeners) listener(change);
  }

  #onClick(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return;
    if (link.target !== '' || link.hasAttribute('download')) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

const here = (): string => location.pathname + location.search + location.hash;

/** The one router of the page. */
export const router = new Router();
