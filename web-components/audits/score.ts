import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import '../parts/state-icon.ts';
import { scoreLevel } from './words.ts';

/** `<reeve-score score="82">`: a score of 100, as number and state; a dash where nothing was judged. */
export class ReeveScore extends LitElement {
  static override properties = {
    score: { type: Number },
    isLarge: { type: Boolean, attribute: 'large', reflect: true },
  };
  declare score: number | undefined;
  declare isLarge: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      :host([large]) .value {
        font-size: 28px;
        line-height: 32px;
      }
    `,
  ];

  override render() {
    if (this.score === undefined) return html`<span class="quiet" aria-label=${msg('no score yet')}>–</span>`;
    return html`<reeve-state level=${scoreLevel(this.score)} quiet></reeve-state>
      <span class="value">${this.score}</span><span class="quiet">${this.isLarge ? msg('of 100') : nothing}</span>`;
  }
}
customElements.define('reeve-score', ReeveScore);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-score': ReeveScore;
  }
}
