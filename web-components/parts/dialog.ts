import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { icon } from './icons.ts';
import { base, buttons } from './styles.ts';

/**
 * `<reeve-dialog heading="Add a host" open>…<div slot="actions">…</div></reeve-dialog>`: the browser's own modal dialog. Escape,
 * the cross and a click outside ask to close: event `close`; the owner takes `open` away. Focus goes back to where it was.
 */
export class ReeveDialog extends LitElement {
  static override properties = { heading: { type: String }, open: { type: Boolean } };
  declare heading: string;
  declare open: boolean;

  static override styles = [
    base,
    buttons,
    css`
      dialog {
        width: min(640px, calc(100vw - 32px));
        max-height: calc(100dvh - 48px);
        padding: 0;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        background: var(--reeve-raised);
        color: var(--reeve-text);
        box-shadow: var(--reeve-float);
        overflow: auto;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 55%);
      }
      .frame {
        display: grid;
        gap: 16px;
        padding: 16px;
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 16px;
      }
      .head h2 {
        font-size: 16px;
        line-height: 24px;
      }
      ::slotted([slot='actions']) {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.heading = '';
    this.open = false;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('open')) return;
    const dialog = this.#dialog;
    if (this.open && !dialog?.open) this.#show(dialog);
    else if (!this.open && dialog?.open) dialog.close();
  }

  /** The browser would take the cross, because slotted content is not below its dialog; what is asked for comes first. */
  #show(dialog: HTMLDialogElement | null): void {
    dialog?.showModal();
    const first = 'input, select, textarea, button, a, reeve-form, reeve-copy';
    requestAnimationFrame(() => this.querySelector<HTMLElement>(first)?.focus());
  }

  #ask(event: Event): void {
    event.preventDefault();
    event.stopPropagation();
    this.dispatchEvent(new CustomEvent('close'));
  }

  #onPointer(event: MouseEvent): void {
    if (event.target === event.currentTarget) this.#ask(event);
  }

  override render() {
    return html`<dialog aria-labelledby="heading" @cancel=${this.#ask} @mousedown=${this.#onPointer}>
      <div class="frame">
        <div class="head">
          <h2 id="heading">${this.heading}</h2>
          <button type="button" class="bare" aria-label=${msg('Close')} @click=${this.#ask}>${icon('close')}</button>
        </div>
        <slot></slot>
        <slot name="actions"></slot>
      </div>
    </dialog>`;
  }
}
customElements.define('reeve-dialog', ReeveDialog);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-dialog': ReeveDialog;
  }
}
