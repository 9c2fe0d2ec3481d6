import { css, html, LitElement } from 'lit';
import { type Capacity, capacitiesOf, pointsOf, urgencyOf } from '../alerts/capacity.ts';
import { formatValue, NOTHING, quantityOptions } from '../format.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/data-table.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/spark-line.ts';
import '../parts/state-icon.ts';
import { base, pageHead } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import { relativeTime } from '../times.ts';

const DAY_MS = 86_400_000;
const SOON_MS = 7 * DAY_MS;

/** The capacity view: how full every disk and memory is, how it went for 30 days, and when it will be full. */
export class ReeveCapacityPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #hosts = new Reading(this, () => allOf('GET /api/v1/capacity'), { everyMs: 15 * 60_000 });

  constructor() {
    super();
    // Titles and units come with the descriptors, which may come after the values.
    new Follow(this, () => [live().descriptors]);
  }

  static override styles = [
    base,
    pageHead,
    css`
      reeve-spark {
        width: 140px;
      }
      .lead {
        max-width: 70ch;
        margin-bottom: 12px;
      }
    `,
  ];

  override render() {
    return html`<header><h1>${msg('Capacity')}</h1></header>
      <p class="quiet lead">${msg('What every rule about a forecast looks at, over the last 30 days. A trend is told only where the values show one, with the span in which the truth lies.')}</p>
      ${this.#hosts.view(
        { failed: msg('Capacity could not be read'), loading: msg('Reading 30 days of every host') },
        (hosts) => {
          const rows = capacitiesOf(hosts, (metric) => live().descriptors.get(metric));
          return html`<reeve-table
          label=${msg('Capacity')}
          order="full"
          .columns=${this.#columns()}
          .rows=${rows}
          .keyOf=${({ hostId, what }: Capacity) => `${hostId} ${what}`}
          .words=${({ hostName, what }: Capacity) => `${hostName} ${what}`}
          >${msg('Nothing to foretell yet: no host has reported a disk or its memory, or the rules about forecasts are switched off.')}</reeve-table
        >`;
        },
      )}`;
  }

  #columns(): Column<Capacity>[] {
    const now = live().fleet.now();
    return [
      {
        id: 'host',
        title: msg('Host'),
        isHeading: true,
        sortBy: ({ hostName }) => hostName,
        cell: ({ hostId, hostName }) => html`<a href="/hosts/${hostId}">${hostName}</a>`,
      },
      { id: 'what', title: msg('What'), sortBy: ({ what }) => what, cell: ({ what }) => what },
      {
        id: 'level',
        title: msg('Now'),
        align: 'end',
        sortBy: (row) => -((row.level ?? row.trend.at(-1)?.[1] ?? 0) / (row.limit || 1)),
        cell: (row) => shown(row, row.level ?? row.trend.at(-1)?.[1]),
      },
      {
        id: 'trend',
        title: msg('30 days'),
        cell: (row) => html`<reeve-spark
          label=${msg('{what} of {host}, last 30 days', { what: row.what, host: row.hostName })}
          .points=${pointsOf(row)}
          max=${row.limit}
          gap-ms=${2 * DAY_MS}
        ></reeve-spark>`,
      },
      {
        id: 'growth',
        title: msg('A day'),
        align: 'end',
        sortBy: ({ perDay = 0 }) => -perDay,
        cell: (row) =>
          row.perDay === undefined ? html`<span class="quiet">${NOTHING}</span>` : `+${shown(row, row.perDay)}`,
      },
      { id: 'full', title: msg('Full'), sortBy: urgencyOf, cell: (row) => fullCell(row, now) },
    ];
  }
}

function shown({ metric }: Capacity, value: number | undefined): string {
  const unit = live().descriptors.get(metric)?.unit ?? '1';
  return formatValue(value, unit, quantityOptions(metric));
}

/** When it is full, and between which moments that lies; else why nothing is told. */
function fullCell({ outlook, at = 0, earliestAt = 0, latestAt, reason }: Capacity, now: number) {
  if (outlook === 'reached') return html`<reeve-state level="critical" word=${msg('full')}></reeve-state>`;
  if (outlook === 'none') return html`<span class="quiet">${reason}</span>`;
  const when = relativeTime(at, now);
  const span = msg('between {earliest} and {latest}', {
    earliest: relativeTime(earliestAt, now),
    latest: latestAt === undefined ? msg('never') : relativeTime(latestAt, now),
  });
  const isSoon = at - now < SOON_MS;
  return html`${isSoon ? html`<reeve-state level="warning" word=${when}></reeve-state>` : when} <small class="quiet">${span}</small>`;
}

customElements.define('reeve-capacity-page', ReeveCapacityPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-capacity-page': ReeveCapacityPage;
  }
}
