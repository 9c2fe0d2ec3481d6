import { css, html, LitElement, svg } from 'lit';
import { type Points, sparkPath } from './spark-path.ts';
import { base } from './styles.ts';

const WIDTH = 100;
const HEIGHT = 20;

/**
 * `<reeve-spark label="CPU, last 5 minutes" .points=${ring} max="1" gap-ms="12500">`: a small line without axes. `version` is any
 * number that changes with the points, because a ring stays the same object.
 */
export class ReeveSpark extends LitElement {
  static override properties = {
    label: { type: String },
    points: { attribute: false },
    max: { type: Number },
    gapMs: { type: Number, attribute: 'gap-ms' },
    version: { type: Number },
  };
  declare label: string;
  declare points: Points | undefined;
  declare max: number;
  declare gapMs: number;
  declare version: number;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        height: 20px;
      }
      svg {
        display: block;
        width: 100%;
        height: 100%;
        overflow: visible;
      }
      path {
        fill: none;
        stroke: var(--reeve-accent);
        stroke-width: 1.5;
        vector-effect: non-scaling-stroke;
        stroke-linejoin: round;
      }
      line {
        stroke: var(--reeve-line);
        vector-effect: non-scaling-stroke;
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.max = 1;
    this.gapMs = 15_000;
    this.version = 0;
  }

  override render() {
    const { max, gapMs } = this;
    const box = { width: WIDTH, height: HEIGHT, min: 0, max, gapMs };
    const path = this.points ? sparkPath(this.points, box) : '';
    return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${this.label}>
      ${svg`<line x1="0" y1=${HEIGHT} x2=${WIDTH} y2=${HEIGHT}></line><path d=${path}></path>`}
    </svg>`;
  }
}
customElements.define('reeve-spark', ReeveSpark);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-spark': ReeveSpark;
  }
}
