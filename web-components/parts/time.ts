import { css, html, LitElement } from 'lit';
import { live } from '../live/live.ts';
import { exactTime, relativeTime } from '../times.ts';
import { base } from './styles.ts';
import { Ticker } from './ticker.ts';

/** `<reeve-time .at=${epochMs}>`: how long ago by the appliance's clock, kept true; the exact time shows on hover and focus. */
export class ReeveTime extends LitElement {
  static override properties = { at: { type: Number } };
  declare at: number;

  static override styles = [
    base,
    css`
      :host {
        position: relative;
        white-space: nowrap;
      }
      time {
        border-radius: 2px;
        cursor: help;
      }
      span {
        position: absolute;
        bottom: calc(100% + 4px);
        left: 0;
        z-index: 10;
        padding: 2px 8px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: 4px;
        background: var(--reeve-raised);
        color: var(--reeve-text);
        font-family: var(--reeve-mono);
        font-size: 12px;
        display: none;
      }
      time:hover + span,
      time:focus-visible + span {
        display: block;
      }
    `,
  ];

  constructor() {
    super();
    this.at = 0;
    new Ticker(this);
  }

  override render() {
    const exact = exactTime(this.at);
    const iso = new Date(this.at).toISOString();
    return html`<time datetime=${iso} tabindex="0" aria-describedby="exact">${relativeTime(this.at, live().fleet.now())}</time>
      <span id="exact" role="tooltip">${exact}</span>`;
  }
}
customElements.define('reeve-time', ReeveTime);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-time': ReeveTime;
  }
}
