import { html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { icon } from './icons.ts';
import { base, buttons } from './styles.ts';

/**
 * Copies a text. On a page without a secure context (plain HTTP on the LAN) the clipboard API does not exist, and a selected field
 * with the old command does it. Answers whether it worked.
 */
export async function copyText(text: string, near: Node = document.body): Promise<boolean> {
  if (navigator.clipboard) {
    const isDone = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    if (isDone) return true;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.style.setProperty('position', 'fixed');
  field.style.setProperty('opacity', '0');
  // Inside an open modal dialog only what is in it can have the focus.
  near.appendChild(field);
  const before = document.activeElement;
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isDone;
}

/** `<reeve-copy text="…" label="Copy the command">`: copies `text` and says that it did. */
export class ReeveCopy extends LitElement {
  static override properties = { text: { type: String }, label: { type: String }, _said: { state: true } };
  declare text: string;
  declare label: string;
  declare _said: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };
  static override styles = [base, buttons];

  constructor() {
    super();
    this.text = '';
    this.label = '';
    this._said = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async #copy(): Promise<void> {
    const isDone = await copyText(this.text, this.renderRoot);
    this._said = isDone ? msg('Copied') : msg('Select the text and copy it by hand');
    this.renderRoot.querySelector('button')?.focus();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this._said = '';
    }, 3_000);
  }

  override render() {
    const isDone = this._said !== '';
    return html`<button type="button" @click=${this.#copy}>
        ${icon(isDone ? 'check' : 'copy')}${isDone ? this._said : this.label || msg('Copy')}
      </button>
      <span class="for-readers" role="status">${this._said}</span>`;
  }
}
customElements.define('reeve-copy', ReeveCopy);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-copy': ReeveCopy;
  }
}
