import { css, html, LitElement, svg } from 'lit';
import { encode } from 'uqr';
import { modulesPath } from './texts.ts';

/** Modules of quiet ground around the code, as its standard (ISO/IEC 18004) asks for. */
const QUIET_ZONE = 4;

/** `<reeve-qr-code text="otpauth://…" label="…">`: drawn here, because what is in it is secret; dark on light in every theme. */
export class ReeveQrCode extends LitElement {
  static override properties = { text: { type: String }, label: { type: String } };
  declare text: string;
  declare label: string;

  static override styles = css`
    :host {
      display: block;
      width: 208px;
    }
    svg {
      display: block;
      width: 100%;
      border-radius: var(--reeve-radius);
    }
  `;

  constructor() {
    super();
    this.text = '';
    this.label = '';
  }

  override render() {
    const { data, size } = encode(this.text, { ecc: 'M', border: QUIET_ZONE });
    return html`<svg viewBox="0 0 ${size} ${size}" role="img" aria-label=${this.label} shape-rendering="crispEdges">
      ${svg`<rect width=${size} height=${size} fill="#ffffff"/><path d=${modulesPath(data)} fill="#000000"/>`}
    </svg>`;
  }
}
customElements.define('reeve-qr-code', ReeveQrCode);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-qr-code': ReeveQrCode;
  }
}
