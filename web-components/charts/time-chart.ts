import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { styled } from '../parts/styled.ts';
import { base, buttons } from '../parts/styles.ts';
import { onThemeChange } from '../theme.ts';
import { exactTime } from '../times.ts';
import type { Cursor } from './cursor.ts';
import { pageCursor } from './cursor.ts';
import { decimate } from './decimate.ts';
import type { ECharts } from './echarts.ts';
import { type Area, areaOf, hasEndLabels, placeLabels, timeAt, xOf, yOf } from './layout.ts';
import { extentOf, type Line, lastPoint, nearest, type Stretch, stackedHigh, valueAt } from './line.ts';
import { chartOption, cursorTime } from './options.ts';
import { type Stroke, strokeOf } from './palette.ts';
import { axisFor, formatQuantity, type Quantity } from './quantity.ts';
import { chartRows, chartSummary, stretchAt } from './summary.ts';
import { timeChartStyles } from './time-chart-styles.ts';

// Over 250 lines: one element, whose canvas, overlays, labels and keyboard all hang on the same few numbers.

/** A mark on the time axis: an alert, a change, a restart. */
export interface Marker {
  at: number;
  text: string;
}

/** A value that matters, drawn across the chart. */
export interface Limit {
  value: number;
  text: string;
  level: 'warning' | 'critical';
}

const TABLE_ROWS = 60;
/** A drag shorter than this is a click. */
const LEAST_BRUSH_PX = 6;

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
    cursor: { attribute: false },
    table: { type: Boolean },
    _size: { state: true },
    _brush: { state: true },
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
  declare cursor: Cursor;
  declare table: boolean;
  declare _size: { width: number; height: number };
  declare _brush: { from: number; to: number } | undefined;

  #canvas: ECharts | undefined;
  #isOpening = false;
  #isSeen = false;
  #spoken = '';
  #release: (() => void)[] = [];
  readonly #resized = new ResizeObserver(([entry]) => this.#onResize(entry));
  readonly #seen = new IntersectionObserver(([entry]) => this.#onSeen(entry), { rootMargin: '100px' });
  readonly #follow: Follow;

  static override styles = [base, buttons, timeChartStyles];

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
    this.cursor = pageCursor;
    this.table = false;
    this._size = { width: 0, height: 0 };
    this.#follow = new Follow(this, () => [this.cursor]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#seen.observe(this);
    this.#release = [onThemeChange(() => this.requestUpdate())];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#seen.disconnect();
    this.#resized.disconnect();
    for (const release of this.#release) release();
    this.#close();
  }

  /** The canvas with everything that ECharts drew, for saving; undefined while none is shown. */
  get picture(): HTMLCanvasElement | undefined {
    return this.renderRoot.querySelector('canvas') ?? undefined;
  }

  /** Colour of each line, in their order. */
  get strokes(): Stroke[] {
    const theme = getComputedStyle(this).colorScheme.startsWith('light') ? 'light' : 'dark';
    return this.lines.map((_, index) => strokeOf(index, theme));
  }

  #close(): void {
    this.#canvas?.dispose();
    this.#canvas = undefined;
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

  protected override updated(changed: PropertyValues): void {
    const plot = this.renderRoot.querySelector<HTMLElement>('.plot');
    if (!plot) {
      this.#close();
      return;
    }
    this.#resized.observe(plot);
    if (!this.#isSeen || this._size.width === 0) return;
    if (this.#canvas) this.#draw(changed);
    else void this.#open();
  }

  async #open(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    const { openCanvas } = await import('./echarts.ts');
    this.#isOpening = false;
    const place = this.renderRoot.querySelector<HTMLElement>('.canvas');
    if (!this.isConnected || !place || this.#canvas) return;
    this.#canvas = openCanvas(place);
    this.requestUpdate();
  }

  /** What was drawn last; moving the cursor alone must not paint the canvas again. */
  #drawn: unknown[] = [];

  #draw(changed: PropertyValues): void {
    const style = getComputedStyle(this);
    const inputs = [this.lines, this.from, this.to, this.look, this._size, style.color, this.quantity];
    if (!changed.has('_size') && inputs.every((input, index) => input === this.#drawn[index])) return;
    this.#drawn = inputs;
    const area = this.#area();
    const { width, height } = this._size;
    this.#canvas?.resize({ width, height, silent: true });
    const option = chartOption({
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
    });
    this.#canvas?.setOption(option as Parameters<ECharts['setOption']>[0], { replaceMerge: ['series'] });
  }

  #area(): Area {
    const stacked = this.look === 'stack' ? { low: 0, high: stackedHigh(this.lines) } : undefined;
    const axis = axisFor(this.quantity, stacked ?? extentOf(this.lines));
    return areaOf(this._size, this.#hasEndLabels, { from: this.from, to: this.to, axis });
  }

  get #hasEndLabels(): boolean {
    return hasEndLabels(this._size.width, this._size.height, this.lines.length);
  }

  override render() {
    if (this.table) return this.#table();
    const { from, to, quantity } = this;
    const area = this.#area();
    const labels = this.#labels(area);
    return html`<div
        class="plot"
        role="img"
        tabindex="0"
        aria-label=${chartSummary(this.heading, this.lines, { from, to, quantity })}
        @pointermove=${this.#onMove}
        @pointerleave=${this.#onLeave}
        @pointerdown=${this.#onDown}
        @pointerup=${this.#onUp}
        @pointercancel=${this.#onCancel}
        @dblclick=${this.#zoomOut}
        @keydown=${this.#onKey}
      >
        <div class="canvas"></div>
        ${this.#overlay(area)} ${this.#hasEndLabels ? labels : nothing}
      </div>
      ${this.#hasEndLabels ? nothing : labels}
      <span class="for-readers" role="status">${this.#spoken}</span>`;
  }

  #overlay(area: Area) {
    const { at } = this.cursor;
    const box = ({ from, to }: { from: number; to: number }) => {
      const left = Math.max(area.left, xOf(area, from));
      const right = Math.min(area.left + area.width, xOf(area, to));
      return {
        left: `${left}px`,
        width: `${Math.max(0, right - left)}px`,
        top: `${area.top}px`,
        height: `${area.height}px`,
      };
    };
    const isInside = (moment: number) => moment >= this.from && moment <= this.to;
    return html`${this.late.map((stretch) => html`<i class="late" ${styled(box(stretch))}></i>`)}
      ${this.limits.map(({ value, level }) =>
        value > area.axis.max || value < area.axis.min
          ? nothing
          : html`<i class="limit ${level}" ${styled({ top: `${yOf(area, value)}px`, left: `${area.left}px`, width: `${area.width}px` })}></i>`,
      )}
      ${this.markers
        .filter((marker) => isInside(marker.at))
        .map(
          ({ at: moment, text }) =>
            html`<i class="marker" title=${text} ${styled({ left: `${xOf(area, moment)}px`, top: `${area.top}px`, height: `${area.height}px` })}></i>`,
        )}
      ${this._brush ? html`<i class="brush" ${styled(box(this._brush))}></i>` : nothing}
      ${at === undefined || !isInside(at) ? nothing : this.#cursorLine(area, at)}`;
  }

  #cursorLine(area: Area, at: number) {
    const x = xOf(area, at);
    const gap = stretchAt(this.gaps, at);
    const isRight = x > area.left + area.width * 0.6;
    return html`<i class="cursor" ${styled({ left: `${x}px`, top: `${area.top}px`, height: `${area.height}px` })}></i>
      <span class="moment ${isRight ? 'is-right' : ''}" ${styled({ left: `${x}px` })}
        >${cursorTime(at, this.to - this.from)}${gap ? ` · ${gap.reason}` : ''}</span
      >`;
  }

  /** Name, dash and value of each line: the last value, or that at the cursor. */
  #labels(area: Area) {
    const { at } = this.cursor;
    const isPointed = at !== undefined && at >= this.from && at <= this.to;
    const withinMs = ((this.to - this.from) / area.width) * 12;
    const ends = this.lines.map((line) => lastPoint(line));
    let stacked = 0;
    const wanted = ends.map((end) => {
      const value = end?.value ?? area.axis.min;
      stacked += value;
      return yOf(area, this.look === 'stack' ? stacked : value);
    });
    const places = this.#hasEndLabels ? placeLabels(wanted, area) : [];
    const { strokes } = this;
    return html`<ul class=${this.#hasEndLabels ? 'ends' : 'legend'} aria-hidden="true">
      ${this.lines.map((line, index) => {
        const value = isPointed ? valueAt(line, at, withinMs) : ends[index]?.value;
        return this.#label({ line, value, stroke: strokes[index], y: places[index] });
      })}
    </ul>`;
  }

  #label({
    line,
    value,
    stroke,
    y,
  }: {
    line: Line;
    value: number | undefined;
    stroke: Stroke | undefined;
    y: number | undefined;
  }) {
    const dash = stroke?.dash.join(' ') ?? '';
    return html`<li ${styled(y === undefined ? {} : { top: `${y - 8}px` })} title=${line.label}>
      <svg viewBox="0 0 20 8" width="20" height="8">
        <line x1="0" y1="4" x2="20" y2="4" stroke=${stroke?.colour ?? ''} stroke-width="2" stroke-dasharray=${dash || nothing}></line>
      </svg>
      <span class="name">${line.label}</span><span class="value">${formatQuantity(value, this.quantity)}</span>
    </li>`;
  }

  #table() {
    const rows = chartRows(this.lines, TABLE_ROWS);
    return html`<div class="table" tabindex="0" role="region" aria-label=${this.heading}>
      <table>
        <thead>
          <tr>
            <th scope="col">${msg('Time')}</th>
            ${this.lines.map(({ label }) => html`<th scope="col">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ at, values }) => html`<tr>
              <th scope="row" class="value">${exactTime(at)}</th>
              ${values.map((value) => html`<td class="value">${formatQuantity(value, this.quantity)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #momentOf(event: PointerEvent): number {
    const { left } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return timeAt(this.#area(), event.clientX - left);
  }

  #onMove(event: PointerEvent): void {
    const at = this.#momentOf(event);
    this.cursor.move(at);
    if (this._brush && event.buttons === 1) this._brush = { ...this.#sorted(this.#brushFrom, at) };
  }

  #brushFrom = 0;

  #sorted(a: number, b: number): { from: number; to: number } {
    return a < b ? { from: a, to: b } : { from: b, to: a };
  }

  #onDown(event: PointerEvent): void {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    this.#brushFrom = this.#momentOf(event);
    this._brush = { from: this.#brushFrom, to: this.#brushFrom };
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }

  #onUp(): void {
    const brush = this._brush;
    this._brush = undefined;
    if (!brush) return;
    const area = this.#area();
    if (xOf(area, brush.to) - xOf(area, brush.from) < LEAST_BRUSH_PX) return;
    this.dispatchEvent(new CustomEvent('zoom', { detail: brush }));
  }

  #onCancel(): void {
    this._brush = undefined;
  }

  #onLeave(): void {
    if (!this._brush) this.cursor.move(undefined);
  }

  #zoomOut(): void {
    this.dispatchEvent(new CustomEvent('zoom-out'));
  }

  /** Arrow keys walk over the points of the first line; what they find is spoken. */
  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      if (this.cursor.at === undefined) this.#zoomOut();
      this.cursor.move(undefined);
    }
    const line = this.lines.find(({ at }) => at.length > 0);
    if (!line) return;
    const here = nearest(line, this.cursor.at ?? this.to) ?? 0;
    const last = line.at.length - 1;
    const steps: Record<string, number> = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last };
    const target = steps[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const at = line.at[Math.min(last, Math.max(0, target))] ?? this.to;
    this.#spoken = this.lines
      .map((each) => `${each.label} ${formatQuantity(valueAt(each, at, (this.to - this.from) / 100), this.quantity)}`)
      .join(', ');
    this.#spoken = `${cursorTime(at, this.to - this.from)}: ${this.#spoken}`;
    this.cursor.move(at);
  }
}
customElements.define('reeve-time-chart', ReeveTimeChart);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-time-chart': ReeveTimeChart;
  }
}
