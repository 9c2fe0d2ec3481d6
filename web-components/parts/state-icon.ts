import { css, html, LitElement, nothing, svg } from 'lit';
import { type Level, levelWord } from './levels.ts';
import { base } from './styles.ts';

const shapes = {
  ok: svg`<circle cx="8" cy="8" r="5.2"/>`,
  low: svg`<rect x="3" y="3" width="10" height="10" rx="1"/>`,
  warning: svg`<path d="M8 2 14.8 13.8H1.2z"/>`,
  high: svg`<path d="M8 1.2 14.8 8 8 14.8 1.2 8z"/>`,
  critical: svg`<path d="M4.6 1.8h6.8L14.8 8l-3.4 6.2H4.6L1.2 8z"/>`,
  offline: svg`<circle cx="8" cy="8" r="5" fill="none" stroke-width="2.4"/>`,
  unknown: svg`<path d="M3 8h10" fill="none" stroke-width="2.6"/>`,
};

/**
 * `<reeve-state level="warning" word="stale" quiet>`: state as shape, word and colour. With `quiet` the word is only for screen
 * readers, where it stands beside the icon anyway.
 */
export class ReeveState extends LitElement {
  static override properties = {
    level: { type: String, reflect: true },
    word: { type: String },
    quiet: { type: Boolean },
  };
  declare level: Level;
  declare word: string;
  declare quiet: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        color: var(--reeve-unknown);
        --mark: var(--reeve-unknown-mark);
      }
      :host([level='ok']) {
        color: var(--reeve-ok);
        --mark: var(--reeve-ok-mark);
      }
      :host([level='ok']) span {
        color: var(--reeve-text);
      }
      :host([level='low']) {
        color: var(--reeve-accent);
        --mark: var(--reeve-info-mark);
      }
      :host([level='warning']) {
        color: var(--reeve-warning);
        --mark: var(--reeve-warning-mark);
      }
      :host([level='high']) {
        color: var(--reeve-high);
        --mark: var(--reeve-high-mark);
      }
      :host([level='critical']),
      :host([level='offline']) {
        color: var(--reeve-critical);
        --mark: var(--reeve-critical-mark);
      }
      svg {
        flex: none;
        width: 1em;
        height: 1em;
        fill: var(--mark);
        stroke: var(--reeve-mark-outline);
        stroke-width: 1.2;
        stroke-linejoin: round;
        forced-color-adjust: auto;
      }
      :host([level='offline']) svg,
      :host([level='unknown']) svg {
        stroke: var(--mark);
      }
      @media (forced-colors: active) {
        svg {
          fill: CanvasText;
          stroke: CanvasText;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.level = 'unknown';
    this.word = '';
    this.quiet = false;
  }

  override render() {
    const word = this.word || levelWord(this.level);
    return html`<svg viewBox="0 0 16 16" aria-hidden="true">${shapes[this.level] ?? nothing}</svg
      ><span class=${this.quiet ? 'for-readers' : ''}>${word}</span>`;
  }
}
customElements.define('reeve-state', ReeveState);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-state': ReeveState;
  }
}
