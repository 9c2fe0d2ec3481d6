import { css, html, LitElement, nothing } from 'lit';
import { type IconName, icon } from './icons.ts';
import { placePopover } from './popover.ts';
import { base, buttons } from './styles.ts';

export interface MenuItem {
  id: string;
  title: string;
  /** Marks the one of several that holds now. */
  isChosen?: boolean;
  isDanger?: boolean;
}

/**
 * `<reeve-menu label="Account" icon="person" .items=${items}>`: a button that opens a list in a popover. Event `choose` with
 * `detail.id`. Arrow keys, Home, End and Escape work. A slot with text replaces the icon; `heading` and `note` stand above the items.
 */
export class ReeveMenu extends LitElement {
  static override properties = {
    label: { type: String },
    icon: { type: String },
    heading: { type: String },
    note: { type: String },
    items: { attribute: false },
    _isOpen: { state: true },
  };
  declare label: string;
  declare icon: IconName;
  declare heading: string;
  declare note: string;
  declare items: readonly MenuItem[];
  declare _isOpen: boolean;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: inline-block;
      }
      .list {
        position: fixed;
        inset: auto;
        margin: 0;
        min-width: 160px;
        max-width: calc(100vw - 16px);
        max-height: calc(100dvh - 16px);
        overflow-y: auto;
        padding: 4px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        background: var(--reeve-raised);
        color: var(--reeve-text);
        box-shadow: var(--reeve-float);
      }
      .list button {
        display: flex;
        width: 100%;
        justify-content: space-between;
        font-weight: 400;
      }
      .about {
        padding: 8px;
        margin-bottom: 4px;
        border-bottom: 1px solid var(--reeve-line);
      }
      .about b {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .list .is-danger {
        color: var(--reeve-critical);
      }
      .tick {
        width: 20px;
        height: 20px;
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.icon = 'more';
    this.heading = '';
    this.note = '';
    this.items = [];
    this._isOpen = false;
  }

  get #list(): HTMLElement | null {
    return this.renderRoot.querySelector('.list');
  }

  #toggled(event: ToggleEvent): void {
    this._isOpen = event.newState === 'open';
    if (!this._isOpen) return;
    placePopover(this.#list, this.renderRoot.querySelector('button'));
    this.#move(0);
  }

  #move(index: number): void {
    const buttons = [...(this.#list?.querySelectorAll('button') ?? [])];
    buttons.at(((index % buttons.length) + buttons.length) % buttons.length)?.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const buttons = [...(this.#list?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf((this.renderRoot as ShadowRoot).activeElement as HTMLButtonElement);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const target = steps[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#move(target);
  }

  #choose(id: string): void {
    this.#list?.hidePopover();
    this.dispatchEvent(new CustomEvent('choose', { detail: { id } }));
  }

  override render() {
    return html`<button
        type="button"
        class="bare"
        popovertarget="list"
        aria-haspopup="menu"
        aria-expanded=${this._isOpen}
        aria-label=${this.label}
        title=${this.label}
      >
        <slot>${icon(this.icon)}</slot>
      </button>
      <div id="list" class="list" popover @toggle=${this.#toggled} @keydown=${this.#onKey}>
        ${this.heading ? html`<div class="about"><b>${this.heading}</b><p class="quiet">${this.note}</p></div>` : nothing}
        <div role="menu" aria-label=${this.label}>
        ${this.items.map(
          ({ id, title, isChosen, isDanger }) =>
            html`<button
              type="button"
              class="bare ${isDanger ? 'is-danger' : ''}"
              role=${isChosen === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked=${isChosen === undefined ? nothing : String(isChosen)}
              @click=${() => this.#choose(id)}
            >
              <span>${title}</span><span class="tick">${isChosen ? icon('check') : ''}</span>
            </button>`,
        )}
        </div>
      </div>`;
  }
}
customElements.define('reeve-menu', ReeveMenu);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-menu': ReeveMenu;
  }
}
