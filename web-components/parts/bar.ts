import { css, html, LitElement } from 'lit';
import { formatValue } from '../format.ts';
import { shareLevel, type Thresholds } from './levels.ts';
import { styled } from './styled.ts';
import { base } from './styles.ts';

/**
 * `<reeve-bar label="/srv" .value=${0.91} .thresholds=${{ warning: 0.8, critical: 0.9 }}>`: a share of 0–1 as a bar with a tick
 * at each threshold. Calm grey until a threshold is passed.
 */
export class ReeveBar extends LitElement {
  static override properties = {
    label: { type: String },
    value: { type: Number },
    thresholds: { attribute: false },
  };
  declare label: string;
  declare value: number;
  declare thresholds: Thresholds;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        position: relative;
        height: 8px;
        border-radius: 2px;
        background: var(--reeve-line);
      }
      .fill {
        height: 100%;
        border-radius: 2px;
        background: var(--reeve-quantity);
        min-width: 2px;
      }
      .warning {
        background: var(--reeve-warning-mark);
      }
      .critical {
        background: var(--reeve-critical-mark);
      }
      i {
        position: absolute;
        top: -2px;
        bottom: -2px;
        width: 1px;
        background: var(--reeve-line-strong);
      }
      @media (forced-colors: active) {
        :host {
          border: 1px solid CanvasText;
        }
        .fill,
        i {
          forced-color-adjust: none;
          background: CanvasText;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.value = 0;
    this.thresholds = {};
  }

  override render() {
    const share = Math.min(1, Math.max(0, this.value));
    const ticks = [this.thresholds.warning, this.thresholds.critical].filter((at) => at !== undefined);
    return html`<div
        class="fill ${shareLevel(this.value, this.thresholds)}"
        role="meter"
        aria-label=${this.label}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(share * 100)}
        aria-valuetext=${formatValue(this.value, '1')}
        ${styled({ width: `${share * 100}%` })}
      ></div>
      ${ticks.map((at) => html`<i ${styled({ left: `${at * 100}%` })}></i>`)}`;
  }
}
customElements.define('reeve-bar', ReeveBar);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-bar': ReeveBar;
  }
}
