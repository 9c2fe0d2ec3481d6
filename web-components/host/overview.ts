import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { type ChartFamily, chartFamilies, chartGroups, metricsText } from '../charts/groups.ts';
import '../charts/metric-chart.ts';
import { hostCondition } from '../condition.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { failureNotice } from '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import './ceiling.ts';
import { chartGrid } from './chart-grid.ts';
import './concerns.ts';
import './disk-list.ts';
import { disksOf } from './disks.ts';
import './facts.ts';
import './processes.ts';

const overviewStyles = css`
  :host {
    display: block;
  }
  .columns {
    display: flex;
    align-items: flex-start;
    gap: 24px;
  }
  .charts {
    flex: 1;
    min-width: 0;
  }
  reeve-notice,
  .wide {
    grid-column: 1 / -1;
  }
  aside {
    flex: 0 0 264px;
  }
  @media (max-width: 1279px) {
    .columns {
      flex-direction: column;
      align-items: stretch;
    }
    aside {
      flex: none;
    }
  }
`;

/** `<reeve-host-overview .host=${host} range="live">`: what is wrong now, then a chart for each subject on one time axis, then facts. */
export class ReeveHostOverview extends LitElement {
  static override properties = { host: { attribute: false }, range: { type: String } };
  declare host: Host | undefined;
  declare range: string;
  readonly #follow: Follow;

  static override styles = [base, chartGrid, overviewStyles];

  constructor() {
    super();
    this.range = 'live';
    this.#follow = new Follow(this, () =>
      this.host ? [live().host(this.host.id), live().descriptors, live().fleet, live().alerts] : [],
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    if ((changed.get('host') as Host | undefined)?.id !== this.host?.id) this.#follow.again();
  }

  override render() {
    const { host } = this;
    if (!host) return nothing;
    const { fleet, alerts } = live();
    const { concerns } = hostCondition(host, fleet.card(host.id), alerts.known(host.id));
    return html`<reeve-concerns .host=${host} .concerns=${concerns}></reeve-concerns>
      <div class="columns">
        <div class="charts">${this.#charts(host)}</div>
        <aside aria-label=${msg('Facts')}><reeve-facts .host=${host} .lastAt=${fleet.card(host.id)?.at}></reeve-facts>
          <reeve-ceiling .host=${host}></reeve-ceiling></aside>
      </div>`;
  }

  #charts(host: Host) {
    const store = live().host(host.id);
    if (store.failure && !store.isLoaded) {
      return failureNotice(msg('The values of this host could not be read'), store.failure, {
        again: () => location.reload(),
      });
    }
    if (!store.isLoaded) return html`<reeve-notice kind="loading" heading=${msg('Loading')}></reeve-notice>`;
    const hinted = store.series.filter(({ metric }) => live().descriptors.get(metric)?.chart);
    const families = chartFamilies(chartGroups(hinted, live().descriptors));
    if (families.length === 0) {
      return html`<reeve-notice kind="empty" heading=${msg('No values yet')}>
        <p>${host.statusReason} ${msg('They appear here by themselves.')}</p>
      </reeve-notice>`;
    }
    return html`${families.map((family) => html`<section>${this.#family(host, family)}</section>`)}
      ${this.#processes(host)}`;
  }

  /** Only an agent can be asked, and only while it is there; late values are no reason not to ask. */
  #processes(host: Host) {
    if (host.kind !== 'agent' || (host.status !== 'online' && host.status !== 'stale')) return nothing;
    return html`<section class="wide"><reeve-processes .host=${host}></reeve-processes></section>`;
  }

  /** File systems are bars: how full is a question about now; how it went stands behind the same name in Metrics. */
  #family(host: Host, { groups }: ChartFamily) {
    const [first] = groups;
    if (!first) return nothing;
    if (first.metrics.some(({ chart }) => chart?.card === 'disk')) return this.#disks(host);
    return html`<reeve-metric-chart
      host-id=${host.id}
      metrics=${metricsText(first.metrics.map(({ id }) => id))}
      .views=${groups}
      range=${this.range}
      @zoom=${this.#pass}
      @zoom-out=${this.#pass}
    ></reeve-metric-chart>`;
  }

  #disks(host: Host) {
    const store = live().host(host.id);
    const read = (seriesId: number) => {
      const value = store.ring(seriesId)?.lastValue;
      return value === undefined || Number.isNaN(value) ? undefined : value;
    };
    const disks = disksOf({ series: store.series, descriptors: live().descriptors, read });
    const isNow = host.status === 'online' && live().connection.state !== 'stale';
    return html`<reeve-disk-list .disks=${disks} .since=${isNow ? undefined : store.lastAt}></reeve-disk-list>`;
  }

  #pass(event: Event): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: (event as CustomEvent).detail }));
  }
}
customElements.define('reeve-host-overview', ReeveHostOverview);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-overview': ReeveHostOverview;
  }
}
