import { html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import '../parts/copy-button.ts';
import '../parts/dialog.ts';
import { base, buttons, copied } from '../parts/styles.ts';

/** `<reeve-new-key text="rvk_…">`: shows a key the one time that it can be seen. Event `close`. */
export class ReeveNewKey extends LitElement {
  static override properties = { text: { type: String } };
  declare text: string;

  static override styles = [base, buttons, copied];

  constructor() {
    super();
    this.text = '';
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    if (this.text === '') return nothing;
    const example = `curl -H 'X-API-Key: ${this.text}' ${location.origin}/api/v1/hosts`;
    return html`<reeve-dialog heading=${msg('Copy the key now')} open @close=${this.#close}>
      <div class="body">
        <p>${msg('It is not shown again. Whoever has it may do what its role allows.')}</p>
        <pre tabindex="0" aria-label=${msg('API key')}>${this.text}</pre>
        <div><reeve-copy text=${this.text} label=${msg('Copy the key')}></reeve-copy></div>
        <p class="quiet">${msg('To try it:')}</p>
        <pre tabindex="0" aria-label=${msg('Example')}>${example}</pre>
      </div>
      <div slot="actions"><button type="button" class="primary" @click=${this.#close}>${msg('I have copied it')}</button></div>
    </reeve-dialog>`;
  }
}
customElements.define('reeve-new-key', ReeveNewKey);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-new-key': ReeveNewKey;
  }
}
