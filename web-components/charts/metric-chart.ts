import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { HistoryAnswer } from '../../protocol/routes/history.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import { base, buttons } from '../parts/styles.ts';
import { call, problemText } from '../rest.ts';
import { type ChartGroup, chartGroups, seriesLabel } from './groups.ts';
import { joinLine } from './join.ts';
import type { Line, Stretch } from './line.ts';
import { MOST_LINES } from './palette.ts';
import { type Quantity, quantityOf } from './quantity.ts';
import { parseRange, type Range, rereadAfterMs, windowOf } from './range.ts';
import { fileName, pictureOf, saveFile } from './save.ts';
import { chartCsv } from './summary.ts';
import './time-chart.ts';
import type { ReeveTimeChart } from './time-chart.ts';

/** What a chart has room for. */
const POINTS = 600;
/** A long range need not move with every sample: a pixel's worth of time, but at least every five seconds. */
const LEAST_REDRAW_MS = 5_000;
const GAP_INTERVALS = 2.5;

/**
 * `<reeve-metric-chart host-id="…" metrics="system.cpu.utilization" range="1h">`: a chart of a host's metrics, history and live values in
 * one line. `views` offers other charts of the same subject in its head. Range as in the address: `live`, `1h`, `24h`, `7d` or
 * `from-to`. Events `zoom` and `zoom-out` come from the chart inside.
 */
export class ReeveMetricChart extends LitElement {
  static override properties = {
    hostId: { type: String, attribute: 'host-id' },
    metrics: { type: String },
    views: { attribute: false },
    range: { type: String },
    _past: { state: true },
    _failure: { state: true },
    _pausedAt: { state: true },
    _isTable: { state: true },
    _showsAll: { state: true },
  };
  declare hostId: string;
  /** Comma-separated metric ids. */
  declare metrics: string;
  declare views: readonly ChartGroup[];
  declare range: string;
  declare _past: HistoryAnswer | undefined;
  declare _failure: unknown;
  declare _pausedAt: number | undefined;
  declare _isTable: boolean;
  declare _showsAll: boolean;

  #asked: AbortController | undefined;
  #readAt = 0;
  #lateSeen = 0;
  #drawnAt = 0;
  #shown: { lines: Line[]; from: number; to: number } = { lines: [], from: 0, to: 1 };
  #isForced = true;
  #isSeen = false;
  readonly #seen = new IntersectionObserver(([entry]) => this.#onSeen(entry), { rootMargin: '200px' });
  readonly #follow: Follow;

  static override styles = [base, buttons, metricChartStyles()];

  constructor() {
    super();
    this.hostId = '';
    this.metrics = '';
    this.views = [];
    this.range = 'live';
    this._isTable = false;
    this._showsAll = false;
    this.#follow = new Follow(this, () =>
      this.hostId === '' ? [] : [live().host(this.hostId), live().switch, live().descriptors],
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#seen.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#seen.disconnect();
    this.#asked?.abort();
  }

  #onSeen(entry: IntersectionObserverEntry | undefined): void {
    const wasSeen = this.#isSeen;
    this.#isSeen = entry?.isIntersecting ?? false;
    if (this.#isSeen && !wasSeen) this.requestUpdate();
  }

  get #range(): Range {
    return parseRange(this.range);
  }

  /** The chart that stands for `metrics`, with the series that the host has now. */
  get #group(): ChartGroup | undefined {
    const wanted = new Set(this.metrics.split(','));
    const series = live()
      .host(this.hostId)
      .series.filter(({ metric }) => wanted.has(metric));
    return chartGroups(series, live().descriptors)[0];
  }

  get #pausedAt(): number | undefined {
    return this._pausedAt ?? live().switch.pausedAt;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('hostId')) this.#follow.again();
    const isOther = changed.has('hostId') || changed.has('metrics') || changed.has('range');
    if (isOther) {
      this._past = undefined;
      this.#readAt = 0;
    }
    if (changed.size > 0) this.#isForced = true;
    if (this.#isSeen) this.#readIfDue();
  }

  #readIfDue(): void {
    const store = live().host(this.hostId);
    const now = live().fleet.now();
    const isDue = now - this.#readAt > rereadAfterMs(this.#range) || this.#readAt === 0;
    const isLate = store.lateCount !== this.#lateSeen && now - this.#readAt > 5_000;
    if (this.metrics === '' || !(isDue || isLate) || this.#pausedAt !== undefined) return;
    this.#readAt = now;
    this.#lateSeen = store.lateCount;
    void this.#read(windowOf(this.#range, now));
  }

  async #read({ from, to }: { from: number; to: number }): Promise<void> {
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const query = { from: Math.round(from), to: Math.round(to), metrics: this.metrics, maxPoints: POINTS };
      const params = { hostId: this.hostId };
      this._past = await call('GET /api/v1/hosts/:hostId/history', { params, query, signal: asked.signal });
      this._failure = undefined;
    } catch (error) {
      if (!asked.signal.aborted) this._failure = error;
    }
  }

  #lines(group: ChartGroup, shown: { from: number; to: number }): Line[] {
    const store = live().host(this.hostId);
    const host = live().fleet.get(this.hostId);
    const titleOf = (metric: string) => live().descriptors.get(metric)?.title ?? metric;
    const gapMs = (this._past?.intervalMs ?? host?.intervalMs ?? 5_000) * GAP_INTERVALS;
    const drawn = this._showsAll ? group.series : group.series.slice(0, MOST_LINES);
    return drawn.map((series) => {
      const past = this._past?.series.find(({ id }) => id === series.id);
      const line = { id: String(series.id), label: seriesLabel(series, group.series, titleOf) };
      const known = past && this._past && { ...past, at: this._past.at, to: this._past.to, stepMs: this._past.stepMs };
      const tail = this.#range.kind === 'fixed' ? undefined : store.ring(series.id);
      return joinLine(line, { past: known, tail }, { ...shown, gapMs });
    });
  }

  /** Computes the lines again when something other than time changed, or enough time has passed to be seen. */
  #refresh(group: ChartGroup): void {
    const now = this.#pausedAt ?? live().fleet.now();
    const range = this.#range;
    const { from, to } = windowOf(range, now);
    const pixelMs = range.kind === 'live' ? 0 : Math.min(LEAST_REDRAW_MS, (to - from) / POINTS);
    if (!this.#isForced && (Math.abs(now - this.#drawnAt) < pixelMs || this.#pausedAt === this.#drawnAt)) return;
    this.#isForced = false;
    this.#drawnAt = now;
    this.#shown = { lines: this.#lines(group, { from, to }), from, to };
  }

  override render() {
    const group = this.#group;
    if (!group) return nothing;
    const [metric] = group.metrics;
    if (!metric) return nothing;
    if (this.#isSeen) this.#refresh(group);
    return html`<figure>
      <figcaption>${this.#head(group)} ${this.#tools(group)}</figcaption>
      ${this.#chart(group, quantityOf(metric))} ${this.#foot(group)}
    </figure>`;
  }

  #head(group: ChartGroup) {
    if (this.views.length < 2) return html`<h3>${group.title}</h3>`;
    return html`<select aria-label=${msg('What to show')} @change=${this.#onView}>
      ${this.views.map(({ id, title }) => html`<option value=${id} ?selected=${id === group.id}>${title}</option>`)}
    </select>`;
  }

  #onView(event: Event): void {
    const id = (event.target as HTMLSelectElement).value;
    this.metrics =
      this.views
        .find((view) => view.id === id)
        ?.metrics.map((each) => each.id)
        .join(',') ?? this.metrics;
  }

  #tools(group: ChartGroup) {
    const isPaused = this._pausedAt !== undefined;
    const items = [
      { id: 'table', title: this._isTable ? msg('Show as chart') : msg('Show as table') },
      { id: 'csv', title: msg('Save as CSV') },
      ...(this._isTable ? [] : [{ id: 'png', title: msg('Save as PNG') }]),
    ];
    return html`<div class="tools">
      ${
        this.#range.kind === 'fixed'
          ? nothing
          : html`<button
            type="button"
            class="bare"
            aria-pressed=${isPaused}
            aria-label=${isPaused ? msg('Let {title} run', { title: group.title }) : msg('Pause {title}', { title: group.title })}
            title=${isPaused ? msg('Run') : msg('Pause')}
            @click=${this.#togglePause}
          >
            ${icon(isPaused ? 'play' : 'pause')}
          </button>`
      }
      <reeve-menu
        label=${msg('More for {title}', { title: group.title })}
        .items=${items}
        @choose=${({ detail }: CustomEvent<{ id: string }>) => void this.#act(detail.id, group)}
      ></reeve-menu>
    </div>`;
  }

  #togglePause(): void {
    this._pausedAt = this._pausedAt === undefined ? live().fleet.now() : undefined;
  }

  #chart(group: ChartGroup, quantity: Quantity) {
    const { lines, from, to } = this.#shown;
    const isEmpty = lines.every(({ at }) => at.length === 0);
    return html`<div class="chart">
      <reeve-time-chart
        heading=${group.title}
        .lines=${lines}
        .quantity=${this.#stable(quantity)}
        .look=${group.style}
        .from=${from}
        .to=${to}
        .gaps=${(this._past?.gaps ?? []) as Stretch[]}
        ?table=${this._isTable}
      ></reeve-time-chart>
      ${isEmpty ? html`<p class="over quiet">${this.#emptyText()}</p>` : nothing}
    </div>`;
  }

  #quantity: Quantity | undefined;

  /** The same object while nothing changed, so that the canvas is not painted for it. */
  #stable(quantity: Quantity): Quantity {
    if (JSON.stringify(quantity) !== JSON.stringify(this.#quantity)) this.#quantity = quantity;
    return this.#quantity ?? quantity;
  }

  #emptyText(): string {
    if (this._failure) return problemText(this._failure);
    return this._past ? msg('No values in this stretch of time.') : msg('Loading');
  }

  #foot(group: ChartGroup) {
    const hidden = group.series.length - MOST_LINES;
    if (hidden <= 0) return nothing;
    return html`<button type="button" class="bare more" @click=${this.#toggleAll}>
      ${this._showsAll ? msg('Show fewer') : msg('Show {count} more', { count: hidden })}
    </button>`;
  }

  #toggleAll(): void {
    this._showsAll = !this._showsAll;
  }

  async #act(id: string, group: ChartGroup): Promise<void> {
    const name = fileName(`${live().fleet.get(this.hostId)?.name ?? ''} ${group.title}`);
    if (id === 'table') this._isTable = !this._isTable;
    else if (id === 'csv') {
      const csv = chartCsv(this.#shown.lines, group.metrics[0]?.unit ?? '');
      saveFile(`${name}.csv`, new Blob([csv], { type: 'text/csv' }));
    } else await this.#savePicture(name, group);
  }

  async #savePicture(name: string, group: ChartGroup): Promise<void> {
    const chart = this.renderRoot.querySelector<ReeveTimeChart>('reeve-time-chart');
    const canvas = chart?.picture;
    if (!chart || !canvas) return;
    const style = getComputedStyle(this);
    const picture = await pictureOf({
      chart: canvas,
      title: `${live().fleet.get(this.hostId)?.name ?? ''} · ${group.title}`,
      legend: chart.lines.map(({ label }, index) => ({ label, colour: chart.strokes[index]?.colour ?? '' })),
      ground: style.getPropertyValue('--reeve-surface'),
      ink: style.color,
      font: style.fontFamily,
    });
    if (picture) saveFile(`${name}.png`, picture);
  }
}
customElements.define('reeve-metric-chart', ReeveMetricChart);

function metricChartStyles() {
  return css`
    :host {
      display: block;
      min-width: 0;
      contain: layout;
    }
    figcaption {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 8px;
      min-height: 32px;
    }
    h3 {
      padding-left: 12px;
    }
    select {
      margin-left: 4px;
      padding: 4px 6px;
      border: 1px solid transparent;
      border-radius: 4px;
      background: transparent;
      color: var(--reeve-text);
      font: inherit;
      font-weight: 600;
      font-size: 13px;
    }
    option {
      background: var(--reeve-raised);
    }
    select:hover {
      border-color: var(--reeve-line-strong);
    }
    .tools {
      display: flex;
      opacity: 0.75;
    }
    .tools button {
      padding: 4px;
    }
    .tools:hover,
    .tools:focus-within {
      opacity: 1;
    }
    .chart {
      position: relative;
    }
    .over {
      position: absolute;
      inset: 0;
      display: grid;
      place-items: center;
      padding: 0 16px;
      text-align: center;
      pointer-events: none;
    }
    .more {
      margin-left: 4px;
      color: var(--reeve-muted);
      font-size: 12px;
    }
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-metric-chart': ReeveMetricChart;
  }
}
