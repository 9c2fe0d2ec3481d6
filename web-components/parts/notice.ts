import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { problemText } from '../rest.ts';
import { base, buttons } from './styles.ts';

export type NoticeKind = 'empty' | 'loading' | 'error' | 'no-permission' | 'note' | 'warning';

/**
 * `<reeve-notice kind="empty" heading="No hosts yet">…</reeve-notice>`: the state of a page or part that has nothing else to show.
 * What to do next stands in the slot, as text, link or button. Errors and loading are announced.
 */
export class ReeveNotice extends LitElement {
  static override properties = {
    kind: { type: String, reflect: true },
    heading: { type: String },
    isPage: { type: Boolean, attribute: 'page' },
  };
  declare kind: NoticeKind;
  declare heading: string;
  /** It is all that the page shows: its heading is the page's. */
  declare isPage: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        justify-items: start;
        gap: 8px;
        padding: 16px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
        max-width: 640px;
        overflow-wrap: anywhere;
      }
      :host([kind='error']) {
        border-color: var(--reeve-critical-mark);
      }
      :host([kind='warning']) {
        border-color: var(--reeve-warning-mark);
      }
      :host([kind='loading']) {
        border-color: transparent;
        background: none;
        color: var(--reeve-muted);
      }
      .text {
        display: grid;
        gap: 12px;
        justify-items: start;
        color: var(--reeve-muted);
      }
      progress {
        width: 120px;
        height: 4px;
        accent-color: var(--reeve-accent);
      }
    `,
  ];

  constructor() {
    super();
    this.kind = 'note';
    this.heading = '';
    this.isPage = false;
  }

  #heading() {
    if (this.heading === '') return nothing;
    return this.isPage ? html`<h1>${this.heading}</h1>` : html`<h2>${this.heading}</h2>`;
  }

  override render() {
    const isUrgent = this.kind === 'error';
    const isStatus = this.kind === 'loading';
    return html`<div role=${isUrgent ? 'alert' : isStatus ? 'status' : nothing}>
        ${this.#heading()}
        ${isStatus ? html`<progress aria-label=${this.heading || msg('Loading')}></progress>` : nothing}
      </div>
      <div class="text"><slot></slot></div>`;
  }
}
customElements.define('reeve-notice', ReeveNotice);

/** Notice for something that failed, with a button that tries again; a missing permission gets its own words. */
export function failureNotice(
  heading: string,
  error: unknown,
  { again, isPage = false }: { again: () => void; isPage?: boolean },
) {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'not-allowed') {
    return html`<reeve-notice ?page=${isPage} kind="no-permission" heading=${msg('Your role does not allow this')}>
      <p>${problemText(error)}</p>
    </reeve-notice>`;
  }
  return html`<reeve-notice ?page=${isPage} kind="error" heading=${heading}>
    <p>${problemText(error)}</p>
    <reeve-action @click=${again}>${msg('Try again')}</reeve-action>
  </reeve-notice>`;
}

/** `<reeve-action>Try again</reeve-action>`: a plain button for slots of elements that have no button styles of their own. */
export class ReeveAction extends LitElement {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };
  static override styles = [base, buttons];

  override render() {
    return html`<button type="button"><slot></slot></button>`;
  }
}
customElements.define('reeve-action', ReeveAction);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-notice': ReeveNotice;
    'reeve-action': ReeveAction;
  }
}
