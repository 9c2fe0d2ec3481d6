import { css, html, LitElement } from 'lit';
import { base } from './styles.ts';

/**
 * `<reeve-switch label="Rule CPU is on" ?on=${true}>`: something that holds at once. Event `change` with `detail.on`; the owner sets `on`, so
 * that a refused change springs back.
 */
export class ReeveSwitch extends LitElement {
  static override properties = { label: { type: String }, on: { type: Boolean }, busy: { type: Boolean } };
  declare label: string;
  declare on: boolean;
  /** The answer is awaited. */
  declare busy: boolean;

  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };
  static override styles = [
    base,
    css`
      :host {
        display: inline-block;
      }
      button {
        display: block;
        width: 36px;
        height: 20px;
        padding: 2px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: 10px;
        background: var(--reeve-ground);
        cursor: pointer;
      }
      button::before {
        content: '';
        display: block;
        width: 14px;
        height: 14px;
        border-radius: 7px;
        background: var(--reeve-muted);
      }
      button[aria-checked='true'] {
        border-color: var(--reeve-accent);
        background: var(--reeve-accent);
      }
      button[aria-checked='true']::before {
        margin-left: 16px;
        background: var(--reeve-on-accent);
      }
      button:disabled {
        opacity: 0.6;
        cursor: progress;
      }
      @media (pointer: coarse) {
        button {
          position: relative;
        }
        button::after {
          content: '';
          position: absolute;
          inset: -12px;
        }
      }
      @media (forced-colors: active) {
        button[aria-checked='true']::before {
          background: Highlight;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.on = false;
    this.busy = false;
  }

  #toggle(): void {
    this.dispatchEvent(new CustomEvent('change', { detail: { on: !this.on } }));
  }

  override render() {
    return html`<button
      type="button"
      role="switch"
      aria-checked=${this.on}
      aria-label=${this.label}
      ?disabled=${this.busy}
      @click=${this.#toggle}
    ></button>`;
  }
}
customElements.define('reeve-switch', ReeveSwitch);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-switch': ReeveSwitch;
  }
}
