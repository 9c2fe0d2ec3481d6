import { html, LitElement, type PropertyValues } from 'lit';
import { Follow } from '../live/redraw.ts';
import { Hearing } from '../parts/hearing.ts';
import { base } from '../parts/styles.ts';
import { onThemeChange } from '../theme.ts';
import { ChartCanvas } from './canvas.ts';
import { chartTable } from './chart-table.ts';
import { type Cursor, pageCursor } from './cursor.ts';
import { decimate } from './decimate.ts';
import { Gestures } from './gestures.ts';
import { type Area, areaOf, type EndLabels, endLabels } from './layout.ts';
import { extentOf, type Line, type Stretch, stackedHigh, valueAt } from './line.ts';
import { type Marker, markLinks, marksOf, walkMarks } from './marks.ts';
import { cursorTime, type Drawing } from './options.ts';
import { type Limit, labels, lateIn, lateNote, overlay, type Span } from './overlay.ts';
import { type Stroke, strokeOf } from './palette.ts';
import { axisFor, formatQuantity, type Quantity } from './quantity.ts';
import { chartSummary } from './summary.ts';
import { timeChartStyles } from './time-chart-styles.ts';

/**
 * `<reeve-time-chart heading="CPU" .lines=${lines} .quantity=${{ unit: '1', options: {}, max: 1 }} .from=${ms} .to=${ms}>`: lines over
 * time on a canvas: average as line, least to most as band, gaps left open, `late` stretches hatched, last value at the line's end.
 * Charts with the same `cursor` point at the same moment. Dragging asks for a closer look: event `zoom` (`detail.from`, `detail.to`); a
 * double click or Escape for the way back: `zoom-out`. With `table` it is a table.
 */
export class ReeveTimeChart extends LitElement {
  static override properties = {
    heading: { type: String },
    lines: { attribute: false },
    quantity: { attribute: false },
    look: { type: String },
    from: { type: Number },
    to: { type: Number },
    gaps: { attribute: false },
    late: { attribute: false },
    limits: { attribute: false },
    markers: { attribute: false },
    spans: { attribute: false },
    cursor: { attribute: false },
    table: { type: Boolean },
    _size: { state: true },
    _spoken: { state: true },
  };
  declare heading: string;
  declare lines: readonly Line[];
  declare quantity: Quantity;
  declare look: 'line' | 'area' | 'stack';
  declare from: number;
  declare to: number;
  /** Stretches without data and why. */
  declare gaps: readonly Stretch[];
  /** Stretches that came later than they were read. */
  declare late: readonly Stretch[];
  declare limits: readonly Limit[];
  declare markers: readonly Marker[];
  declare spans: readonly Span[];
  declare cursor: Cursor;
  declare table: boolean;
  declare _size: { width: number; height: number };
  declare _spoken: string;

  readonly #canvas = new ChartCanvas();
  readonly #gestures = new Gestures(this, () => ({ cursor: this.cursor, lines: this.lines, area: this.#area() }));
  #isSeen = false;
  readonly #resized = new ResizeObserver(([entry]) => this.#onResize(entry));
  readonly #seen = new IntersectionObserver(([entry]) => this.#onSeen(entry), { rootMargin: '100px' });
  readonly #follow: Follow;

  static override styles = [base, timeChartStyles];

  constructor() {
    super();
    this.heading = '';
    this.lines = [];
    this.quantity = { unit: '', options: {} };
    this.look = 'line';
    this.from = 0;
    this.to = 1;
    this.gaps = [];
    this.late = [];
    this.limits = [];
    this.markers = [];
    this.spans = [];
    this.cursor = pageCursor;
    this.table = false;
    this._size = { width: 0, height: 0 };
    this._spoken = '';
    this.#follow = new Follow(this, () => [this.cursor]);
    new Hearing(this, () => onThemeChange(() => this.requestUpdate()));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#seen.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#seen.disconnect();
    this.#resized.disconnect();
    this.#canvas.close();
  }

  /** The canvas with everything that ECharts drew, for saving; undefined while none is shown. */
  get picture(): HTMLCanvasElement | undefined {
    return this.renderRoot.querySelector('canvas') ?? undefined;
  }

  /** Colour and dash of each line, in their order. */
  get strokes(): Stroke[] {
    const theme = getComputedStyle(this).colorScheme.startsWith('light') ? 'light' : 'dark';
    return this.lines.map((_, index) => strokeOf(index, theme));
  }

  #onSeen(entry: IntersectionObserverEntry | undefined): void {
    this.#isSeen = entry?.isIntersecting ?? false;
    if (this.#isSeen) this.requestUpdate();
  }

  #onResize(entry: ResizeObserverEntry | undefined): void {
    if (!entry) return;
    const { width, height } = entry.contentRect;
    if (width !== this._size.width || height !== this._size.height) this._size = { width, height };
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('cursor')) this.#follow.again();
  }

  protected override updated(): void {
    const plot = this.renderRoot.querySelector<HTMLElement>('.plot');
    if (!plot) {
      this.#canvas.close();
      return;
    }
    this.#resized.observe(plot);
    if (!this.#isSeen || this._size.width === 0) return;
    if (this.#canvas.isOpen) this.#paint();
    else void this.#open();
  }

  async #open(): Promise<void> {
    await this.#canvas.open(() => (this.isConnected ? this.renderRoot.querySelector<HTMLElement>('.canvas') : null));
    this.requestUpdate();
  }

  /** The cursor moves over the canvas without painting it. */
  #paint(): void {
    const style = getComputedStyle(this);
    const inputs = [this.lines, this.from, this.to, this.look, this._size, style.color, this.quantity];
    this.#canvas.paint(this._size, inputs, () => this.#drawing(style));
  }

  #drawing(style: CSSStyleDeclaration): Drawing {
    const area = this.#area();
    return {
      lines: this.lines.map((line) => decimate(line, Math.round(area.width))),
      strokes: this.strokes,
      style: this.look,
      quantity: this.quantity,
      area,
      ink: {
        text: style.getPropertyValue('--reeve-muted'),
        grid: style.getPropertyValue('--reeve-line'),
        font: style.fontFamily,
      },
    };
  }

  #area(): Area {
    const stacked = this.look === 'stack' ? { low: 0, high: stackedHigh(this.lines) } : undefined;
    const axis = axisFor(this.quantity, stacked ?? extentOf(this.lines));
    return areaOf(this._size, this.#ends, { from: this.from, to: this.to, axis });
  }

  get #ends(): EndLabels {
    return endLabels(this._size, this.lines.length);
  }

  override render() {
    const { heading, lines, quantity, from, to, gaps, late, limits, spans } = this;
    if (this.table) return chartTable(heading, lines, quantity);
    const area = this.#area();
    const { at } = this.cursor;
    const gestures = this.#gestures;
    const { ends, legend } = labels(area, {
      lines,
      strokes: this.strokes,
      quantity,
      isStacked: this.look === 'stack',
      ends: this.#ends,
      at,
    });
    const markers = this._size.width === 0 ? [] : marksOf(area, this.markers);
    return html`<div class="frame"><div
        class="plot"
        role="img"
        tabindex="0"
        aria-label=${chartSummary(heading, lines, { from, to, quantity, isLate: lateIn(late, this).length > 0 })}
        @pointermove=${gestures.move}
        @pointerleave=${gestures.leave}
        @pointerdown=${gestures.down}
        @pointerup=${gestures.up}
        @pointercancel=${gestures.cancel}
        @dblclick=${gestures.zoomOut}
        @keydown=${this.#onKey}
      >
        <div class="canvas"></div>
        ${overlay(area, { late, gaps, limits, spans, markers, brush: gestures.brush, at })} ${ends}
      </div>
      ${markLinks(area, markers, walkMarks)}</div>
      ${legend} ${lateNote(late, this)}
      <span class="for-readers" role="status">${this._spoken}</span>`;
  }

  /** What the keys find is spoken. */
  #onKey(event: KeyboardEvent): void {
    const at = this.#gestures.key(event);
    if (at === undefined) return;
    const spanMs = this.to - this.from;
    const values = this.lines.map(
      (line) => `${line.label} ${formatQuantity(valueAt(line, at, spanMs / 100), this.quantity)}`,
    );
    this._spoken = `${cursorTime(at, spanMs)}: ${values.join(', ')}`;
  }
}
customElements.define('reeve-time-chart', ReeveTimeChart);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-time-chart': ReeveTimeChart;
  }
}
