import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import { Seen } from '../parts/seen.ts';
import { base, buttons } from '../parts/styles.ts';
import { problemText } from '../rest.ts';
import { ChartData, type Shown } from './chart-data.ts';
import { type ChartGroup, metricsText } from './groups.ts';
import type { Stretch } from './line.ts';
import { metricChartStyles } from './metric-chart-styles.ts';
import type { Limit, Span } from './overlay.ts';
import { MOST_LINES } from './palette.ts';
import { type Quantity, quantityOf } from './quantity.ts';
import { parseRange } from './range.ts';
import { fileName, saveFile, savePicture } from './save.ts';
import { chartCsv } from './summary.ts';
import './time-chart.ts';

/** The same object each time, so that nothing is drawn for it. */
const NONE: readonly Stretch[] = [];

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
    only: { attribute: false },
    limits: { attribute: false },
    spans: { attribute: false },
    _pausedAt: { state: true },
    _isTable: { state: true },
    _showsAll: { state: true },
  };
  declare hostId: string;
  /** Comma-separated metric ids. */
  declare metrics: string;
  declare views: readonly ChartGroup[];
  declare range: string;
  /** Attributes of the one series to show; undefined shows all. */
  declare only: Readonly<Record<string, string>> | undefined;
  declare limits: readonly Limit[];
  declare spans: readonly Span[];
  declare _pausedAt: number | undefined;
  declare _isTable: boolean;
  declare _showsAll: boolean;

  readonly #data = new ChartData(this);
  #quantity: Quantity | undefined;
  readonly #seen = new Seen(this);
  readonly #follow: Follow;

  static override styles = [base, buttons, metricChartStyles];

  constructor() {
    super();
    this.hostId = '';
    this.metrics = '';
    this.views = [];
    this.range = 'live';
    this.limits = [];
    this.spans = [];
    this._isTable = false;
    this._showsAll = false;
    this.#follow = new Follow(this, () =>
      this.hostId === '' ? [] : [live().host(this.hostId), live().switch, live().descriptors, live().alertMarks],
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('hostId')) this.#follow.again();
  }

  override render() {
    const group = this.#data.group(this);
    const metric = group?.metrics[0];
    if (!group || !metric) return nothing;
    if (!this.#seen.isSeen) return html`<figure class="unseen"><figcaption>${this.#head(group)}</figcaption></figure>`;
    const shown = this.#data.show(group, {
      hostId: this.hostId,
      metrics: this.metrics,
      range: parseRange(this.range),
      pausedAt: this._pausedAt ?? live().switch.pausedAt,
      most: this._showsAll ? group.series.length : MOST_LINES,
    });
    return html`<figure>
      <figcaption>${this.#head(group)} ${this.#tools(group, shown)}</figcaption>
      ${this.#chart(group, shown, quantityOf(metric))} ${this.#failure()} ${this.#foot(group)}
    </figure>`;
  }

  #head(group: ChartGroup) {
    if (this.views.length < 2) return html`<h2>${group.title}</h2>`;
    return html`<select aria-label=${msg('What to show')} @change=${this.#onView}>
      ${this.views.map(({ id, title }) => html`<option value=${id} ?selected=${id === group.id}>${title}</option>`)}
    </select>`;
  }

  #onView(event: Event): void {
    const id = (event.target as HTMLSelectElement).value;
    const view = this.views.find((each) => each.id === id);
    if (view) this.metrics = metricsText(view.metrics.map((each) => each.id));
  }

  #tools(group: ChartGroup, shown: Shown) {
    const { title } = group;
    const items = [
      { id: 'table', title: this._isTable ? msg('Show as chart') : msg('Show as table') },
      { id: 'csv', title: msg('Save as CSV') },
      ...(this._isTable ? [] : [{ id: 'png', title: msg('Save as PNG') }]),
    ];
    return html`<div class="tools">
      ${parseRange(this.range).kind === 'fixed' ? nothing : this.#pauseButton(title)}
      <reeve-menu
        label=${msg('More for {title}', { title })}
        .items=${items}
        @choose=${({ detail }: CustomEvent<{ id: string }>) => void this.#act(detail.id, group, shown)}
      ></reeve-menu>
    </div>`;
  }

  #pauseButton(title: string) {
    const isPaused = this._pausedAt !== undefined;
    return html`<button
      type="button"
      class="bare"
      aria-pressed=${isPaused}
      aria-label=${isPaused ? msg('Let {title} run', { title }) : msg('Pause {title}', { title })}
      title=${isPaused ? msg('Run') : msg('Pause')}
      @click=${this.#togglePause}
    >
      ${icon(isPaused ? 'play' : 'pause')}
    </button>`;
  }

  #togglePause(): void {
    this._pausedAt = this._pausedAt === undefined ? live().fleet.now() : undefined;
  }

  #chart(group: ChartGroup, { lines, from, to }: Shown, quantity: Quantity) {
    // The same object while nothing changed, so that the canvas is not painted for it.
    if (JSON.stringify(quantity) !== JSON.stringify(this.#quantity)) this.#quantity = quantity;
    const isEmpty = lines.every(({ at }) => at.length === 0);
    return html`<div class="chart">
      <reeve-time-chart
        heading=${group.title}
        .lines=${lines}
        .quantity=${this.#quantity ?? quantity}
        .look=${group.style}
        .from=${from}
        .to=${to}
        .gaps=${this.#data.past?.gaps ?? NONE}
        .late=${this.#data.past?.late ?? NONE}
        .limits=${this.limits}
        .spans=${this.spans}
        .markers=${live().alertMarks.of(this.hostId, { from, to })}
        ?table=${this._isTable}
        @zoom=${this.#pass}
        @zoom-out=${this.#pass}
      ></reeve-time-chart>
      ${isEmpty && !this.#data.failure ? html`<p class="over quiet">${this.#emptyText()}</p>` : nothing}
    </div>`;
  }

  #emptyText(): string {
    return this.#data.past ? msg('No values in this stretch of time.') : msg('Loading');
  }

  /** Live values may be there all the same: what is missing before them is said below. */
  #failure() {
    const { failure } = this.#data;
    if (!failure) return nothing;
    return html`<p class="failure" role="status">
      <span>${msg('The past could not be read.')} ${problemText(failure)}</span>
      <button type="button" @click=${() => this.#data.again()}>${msg('Try again')}</button>
    </p>`;
  }

  #pass(event: Event): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: (event as CustomEvent).detail }));
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

  async #act(id: string, group: ChartGroup, { lines }: Shown): Promise<void> {
    const host = live().fleet.get(this.hostId)?.name ?? '';
    const name = fileName(`${host} ${group.title}`);
    const chart = this.renderRoot.querySelector('reeve-time-chart');
    if (id === 'table') this._isTable = !this._isTable;
    else if (id === 'png' && chart) await savePicture(`${name}.png`, chart, `${host} · ${group.title}`);
    else if (id === 'csv') {
      const csv = chartCsv(lines, group.metrics[0]?.unit ?? '');
      saveFile(`${name}.csv`, new Blob([csv], { type: 'text/csv' }));
    }
  }
}
customElements.define('reeve-metric-chart', ReeveMetricChart);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-metric-chart': ReeveMetricChart;
  }
}
