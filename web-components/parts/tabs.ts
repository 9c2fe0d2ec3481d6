import { css, html, LitElement } from 'lit';
import { base } from './styles.ts';

export interface Tab {
  id: string;
  title: string;
  /** Where the tab lives; tabs with an address are links, others send `choose`. */
  href?: string;
}

/**
 * `<reeve-tabs label="Parts of this host" .tabs=${tabs} selected="overview">`: with `href` a row of links (each tab is a page with
 * an address), without it a tab list with arrow keys and event `choose` (`detail.id`).
 */
export class ReeveTabs extends LitElement {
  static override properties = { label: { type: String }, tabs: { attribute: false }, selected: { type: String } };
  declare label: string;
  declare tabs: readonly Tab[];
  declare selected: string;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        border-bottom: 1px solid var(--reeve-line);
        overflow-x: auto;
        scrollbar-width: none;
      }
      nav,
      [role='tablist'] {
        display: flex;
        gap: 4px;
      }
      a,
      button {
        padding: 8px 12px;
        border: 0;
        border-bottom: 2px solid transparent;
        background: none;
        color: var(--reeve-muted);
        font: inherit;
        font-weight: 500;
        text-decoration: none;
        white-space: nowrap;
        cursor: pointer;
      }
      a:hover,
      button:hover {
        color: var(--reeve-text);
      }
      [aria-current='page'],
      [aria-selected='true'] {
        color: var(--reeve-text);
        border-bottom-color: var(--reeve-accent);
      }
      :focus-visible {
        outline-offset: -2px;
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.tabs = [];
    this.selected = '';
  }

  #choose(id: string): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: { id } }));
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = this.tabs.findIndex(({ id }) => id === this.selected);
    const next = step === undefined ? undefined : this.tabs.at((at + step) % this.tabs.length);
    if (!next) return;
    event.preventDefault();
    this.#choose(next.id);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('[aria-selected=true]')?.focus());
  }

  override render() {
    if (this.tabs.every(({ href }) => href !== undefined)) {
      return html`<nav aria-label=${this.label}>
        ${this.tabs.map(({ id, title, href }) => html`<a href=${href ?? ''} aria-current=${id === this.selected ? 'page' : 'false'}>${title}</a>`)}
      </nav>`;
    }
    return html`<div role="tablist" aria-label=${this.label} @keydown=${this.#onKey}>
      ${this.tabs.map(({ id, title }) => {
        const isSelected = id === this.selected;
        return html`<button
          type="button"
          role="tab"
          aria-selected=${isSelected}
          tabindex=${isSelected ? 0 : -1}
          @click=${() => this.#choose(id)}
        >
          ${title}
        </button>`;
      })}
    </div>`;
  }
}
customElements.define('reeve-tabs', ReeveTabs);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-tabs': ReeveTabs;
  }
}
