import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { ChartData, type Shown } from '../charts/chart-data.ts';
import type { ChartGroup } from '../charts/groups.ts';
import { metricsText } from '../charts/groups.ts';
import type { Line } from '../charts/line.ts';
import type { Marker } from '../charts/marks.ts';
import { MOST_LINES } from '../charts/palette.ts';
import { type Quantity, quantityOf } from '../charts/quantity.ts';
import { parseRange, printRange } from '../charts/range.ts';
import '../charts/time-chart.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg, plural } from '../msg.ts';
import { Seen } from '../parts/seen.ts';
import { base, buttons } from '../parts/styles.ts';
import { problemText } from '../rest.ts';

interface OfHost {
  hostId: string;
  group: ChartGroup;
  shown: Shown;
}

/** `<reeve-hosts-chart .hosts=${ids} metric="system.cpu.utilization" range="1h">`: one metric of several hosts on one canvas, history and live. */
export class ReeveHostsChart extends LitElement {
  static override properties = {
    heading: { type: String },
    hosts: { attribute: false },
    metric: { type: String },
    range: { type: String },
    _zoomed: { state: true },
  };
  declare heading: string;
  /** Ids. */
  declare hosts: readonly string[];
  declare metric: string;
  declare range: string;
  /** A stretch that was chosen by zooming; undefined shows `range`. */
  declare _zoomed: string | undefined;

  readonly #data = new Map<string, ChartData>();
  readonly #seen = new Seen(this);
  readonly #follow: Follow;
  #drawn: readonly (readonly Line[])[] = [];
  #lines: readonly Line[] = [];
  #quantity: Quantity | undefined;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
        min-height: 220px;
      }
      :host([empty]) {
        min-height: 0;
      }
      p,
      h3 {
        padding: 4px 12px;
      }
    `,
  ];

  constructor() {
    super();
    this.heading = '';
    this.hosts = [];
    this.metric = '';
    this.range = 'live';
    this.#follow = new Follow(this, () => [
      ...this.hosts.map((id) => live().host(id)),
      live().switch,
      live().descriptors,
      live().alertMarks,
    ]);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('hosts')) this.#follow.again();
    if (changed.has('range')) this._zoomed = undefined;
  }

  override render() {
    if (this.hosts.length === 0)
      return html`<p class="quiet">${msg('No host is chosen: edit the panel to choose some.')}</p>`;
    if (!this.#seen.isSeen) return nothing;
    const parts = this.hosts.flatMap((hostId) => this.#part(hostId));
    const [first] = parts;
    const metric = first?.group.metrics[0];
    const isEmpty = parts.length === 0 ? !this.#isLoading() : this.#areEmpty(parts);
    // Off the screen it stays as high as it was: what is below must not jump.
    this.toggleAttribute('empty', isEmpty);
    if (!first || !metric) return html`<p class="quiet">${this.#noneText()}</p>`;
    if (isEmpty)
      return html`<h3>${this.heading || first.group.title}</h3>
        <p class="quiet">${msg('No values in this stretch of time.')}</p>
        ${this.#failure()}`;
    const hidden = parts.reduce((sum, { group, shown }) => sum + group.series.length - shown.lines.length, 0);
    const gone = this.hosts.length - parts.length;
    return html`<reeve-time-chart
        heading=${this.heading || first.group.title}
        .lines=${this.#join(parts)}
        .quantity=${this.#quantityOf(quantityOf(metric))}
        .look=${first.group.style === 'stack' && parts.length === 1 ? 'stack' : 'line'}
        .from=${first.shown.from}
        .to=${first.shown.to}
        .markers=${this.#markers(first.shown)}
        @zoom=${this.#zoom}
        @zoom-out=${this.#zoomOut}
      ></reeve-time-chart>
      ${this._zoomed === undefined ? nothing : html`<p><button type="button" @click=${this.#zoomOut}>${msg('Reset zoom')}</button></p>`}
      ${hidden > 0 ? html`<p class="quiet">${plural(hidden, { one: '{count} line more is on the pages of the hosts.', other: '{count} lines more are on the pages of the hosts.' })}</p>` : nothing}
      ${gone > 0 ? html`<p class="quiet">${plural(gone, { one: '{count} host sends no such metric.', other: '{count} hosts send no such metric.' })}</p>` : nothing}
      ${this.#failure()}`;
  }

  /** The past was read, and no host has a value in it or since. */
  #areEmpty(parts: readonly OfHost[]): boolean {
    return parts.every(
      ({ hostId, shown }) =>
        shown.lines.every(({ at }) => at.length === 0) && this.#data.get(hostId)?.past !== undefined,
    );
  }

  /** Alerts of all hosts of the chart; with several each says whose it is. */
  #markers(window: { from: number; to: number }): readonly Marker[] {
    const of = (hostId: string) => live().alertMarks.of(hostId, window);
    const [only] = this.hosts;
    if (this.hosts.length === 1 && only !== undefined) return of(only);
    return this.hosts.flatMap((hostId) => {
      const name = live().fleet.get(hostId)?.name ?? '';
      return of(hostId).map((marker) => ({
        ...marker,
        text: `${name}, ${marker.text}`,
        listHref: '/alerts?view=history',
      }));
    });
  }

  #part(hostId: string): OfHost[] {
    const known = this.#data.get(hostId) ?? new ChartData(this);
    this.#data.set(hostId, known);
    const metrics = metricsText([this.metric]);
    const group = known.group({ hostId, metrics });
    if (!group) return [];
    const wanted = {
      hostId,
      metrics,
      range: parseRange(this._zoomed ?? this.range),
      pausedAt: live().switch.pausedAt,
      most: Math.max(1, Math.floor(MOST_LINES / this.hosts.length)),
    };
    return [{ hostId, group, shown: known.show(group, wanted) }];
  }

  /** The same list while no host has another one, so that the canvas is not painted for nothing. */
  #join(parts: readonly OfHost[]): readonly Line[] {
    const drawn = parts.map(({ shown }) => shown.lines);
    if (drawn.length === this.#drawn.length && drawn.every((lines, at) => lines === this.#drawn[at]))
      return this.#lines;
    this.#drawn = drawn;
    this.#lines = parts.flatMap(({ hostId, shown }) => {
      const name = live().fleet.get(hostId)?.name ?? hostId;
      return shown.lines.map((line) => ({
        ...line,
        id: `${hostId} ${line.id}`,
        label: shown.lines.length === 1 ? name : `${name} ${line.label}`,
      }));
    });
    return this.#lines;
  }

  #quantityOf(quantity: Quantity): Quantity {
    if (JSON.stringify(quantity) !== JSON.stringify(this.#quantity)) this.#quantity = quantity;
    return this.#quantity ?? quantity;
  }

  #isLoading(): boolean {
    return this.hosts.some((id) => live().fleet.get(id) && !live().host(id).isLoaded);
  }

  #noneText(): string {
    return this.#isLoading() ? msg('Loading') : msg('None of these hosts sends {metric}.', { metric: this.metric });
  }

  #failure() {
    const failed = [...this.#data.values()].filter(({ failure }) => failure !== undefined);
    if (!failed[0]) return nothing;
    const again = (): void => failed.forEach((data) => void data.again());
    return html`<p role="status">
      ${msg('The past could not be read.')} ${problemText(failed[0].failure)}
      <button type="button" @click=${again}>${msg('Try again')}</button>
    </p>`;
  }

  #zoom({ detail }: CustomEvent<{ from: number; to: number }>): void {
    this._zoomed = printRange({ kind: 'fixed', ...detail });
  }

  #zoomOut(): void {
    this._zoomed = undefined;
  }
}
customElements.define('reeve-hosts-chart', ReeveHostsChart);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-hosts-chart': ReeveHostsChart;
  }
}
