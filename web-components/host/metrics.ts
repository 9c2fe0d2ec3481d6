import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { type ChartGroup, chartGroups, metricsText } from '../charts/groups.ts';
import '../charts/metric-chart.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import '../parts/notice.ts';
import { base, fields } from '../parts/styles.ts';
import { router } from '../router.ts';
import { matches } from '../shell/jump-targets.ts';
import { chartGrid } from './chart-grid.ts';

/** Everything about a chart that one may search for. */
const wordsOf = ({ title, metrics, series }: ChartGroup): string =>
  [
    title,
    ...metrics.flatMap(({ id, title: each }) => [id, each]),
    ...series.flatMap(({ attributes }) => Object.values(attributes)),
  ].join(' ');

/** `<reeve-host-metrics .host=${host} range="live">`: every series that the host sends, a chart for each group, with search. */
export class ReeveHostMetrics extends LitElement {
  static override properties = { host: { attribute: false }, range: { type: String } };
  declare host: Host | undefined;
  declare range: string;
  readonly #follow: Follow;

  static override styles = [
    base,
    fields,
    chartGrid,
    css`
      input {
        max-width: 320px;
        margin-bottom: 12px;
      }
      p {
        padding: 0 12px;
        font: 12px/16px var(--reeve-mono);
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.range = 'live';
    this.#follow = new Follow(this, () => (this.host ? [live().host(this.host.id), live().descriptors] : []));
    new Hearing(this, () => router.subscribe(() => this.requestUpdate()));
  }

  protected override willUpdate(changed: PropertyValues): void {
    if ((changed.get('host') as Host | undefined)?.id !== this.host?.id) this.#follow.again();
  }

  override render() {
    const { host } = this;
    if (!host) return nothing;
    const search = router.query.get('search') ?? '';
    const groups = chartGroups(live().host(host.id).series, live().descriptors);
    const found = groups.filter((group) => matches(wordsOf(group), search.trim()));
    return html`<input
        type="search"
        aria-label=${msg('Search metrics')}
        placeholder=${msg('Search metrics')}
        .value=${search}
        @input=${(event: InputEvent) => router.setQuery({ search: (event.target as HTMLInputElement).value })}
      />
      ${
        found.length === 0
          ? html`<reeve-notice kind="empty" heading=${groups.length === 0 ? msg('No values yet') : msg('No metric fits this search')}></reeve-notice>`
          : html`<div class="charts">${found.map((group) => this.#group(host, group))}</div>`
      }`;
  }

  #group(host: Host, { metrics }: ChartGroup) {
    const ids = metrics.map(({ id }) => id);
    return html`<section>
      <reeve-metric-chart
        host-id=${host.id}
        metrics=${metricsText(ids)}
        range=${this.range}
        @zoom=${this.#pass}
        @zoom-out=${this.#pass}
      ></reeve-metric-chart>
      <p class="quiet">${ids.join(', ')}</p>
    </section>`;
  }

  #pass(event: Event): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: (event as CustomEvent).detail }));
  }
}
customElements.define('reeve-host-metrics', ReeveHostMetrics);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-metrics': ReeveHostMetrics;
  }
}
