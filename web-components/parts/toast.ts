import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { icon } from './icons.ts';
import { base, buttons } from './styles.ts';

export interface Toast {
  text: string;
  /** Takes back what was just done. */
  undo?: () => void;
}

const EVENT = 'reeve-toast';
const SHOWN_MS = 8_000;

/** Says something that was done, for eight seconds, with Undo where it can be taken back. */
export const toast = (said: Toast): void => void dispatchEvent(new CustomEvent<Toast>(EVENT, { detail: said }));

/** `<reeve-toasts>`: the place where toasts appear; one on each page. */
export class ReeveToasts extends LitElement {
  static override properties = { _shown: { state: true } };
  declare _shown: readonly Toast[];
  readonly #hear = (event: Event): void => this.#show((event as CustomEvent<Toast>).detail);

  static override styles = [
    base,
    buttons,
    css`
      :host {
        position: fixed;
        inset: auto 16px calc(72px + env(safe-area-inset-bottom)) auto;
        z-index: 20;
        display: grid;
        gap: 8px;
        max-width: calc(100vw - 32px);
      }
      div {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 8px 8px 8px 16px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        background: var(--reeve-raised);
        box-shadow: var(--reeve-float);
      }
      span {
        flex: 1;
      }
    `,
  ];

  constructor() {
    super();
    this._shown = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener(EVENT, this.#hear);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener(EVENT, this.#hear);
  }

  #show(said: Toast): void {
    this._shown = [...this._shown.slice(-2), said];
    setTimeout(() => this.#drop(said), SHOWN_MS);
  }

  #drop(said: Toast): void {
    this._shown = this._shown.filter((each) => each !== said);
  }

  #undo(said: Toast): void {
    said.undo?.();
    this.#drop(said);
  }

  override render() {
    return html`<section role="status" aria-live="polite">
      ${this._shown.map(
        (said) => html`<div>
          <span>${said.text}</span>
          ${said.undo ? html`<button type="button" @click=${() => this.#undo(said)}>${msg('Undo')}</button>` : nothing}
          <button type="button" class="bare" aria-label=${msg('Close')} @click=${() => this.#drop(said)}>
            ${icon('close')}
          </button>
        </div>`,
      )}
    </section>`;
  }
}
customElements.define('reeve-toasts', ReeveToasts);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-toasts': ReeveToasts;
  }
}
