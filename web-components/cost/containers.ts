import { html, nothing } from 'lit';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import type { Column } from '../parts/table-rows.ts';
import type { ResponseOf } from '../rest.ts';
import { energyColumns } from './energy-columns.ts';

export type HostCostAnswer = ResponseOf<'GET /api/v1/hosts/:hostId/cost'>;
type Container = HostCostAnswer['containers'][number];

/** What each container of a host has of its energy and cost; nothing for a host without containers. */
export function containersPart({ containers, currency }: HostCostAnswer) {
  if (containers.length === 0) return nothing;
  const columns: Column<Container>[] = [
    {
      id: 'name',
      title: msg('Container'),
      isHeading: true,
      cell: ({ name }) => (name === '' ? html`<span class="quiet">${msg('all that is in none')}</span>` : name),
    },
    {
      id: 'share',
      title: msg('Share'),
      align: 'end',
      sortBy: ({ share }) => share,
      cell: ({ share }) => html`<span class="value">${formatValue(share, '1')}</span>`,
    },
    ...energyColumns(currency),
  ];
  return html`<section>
    <header><h2>${msg('Containers, the last 30 days')}</h2></header>
    <reeve-table compact name="containers-" label=${msg('Containers')} .columns=${columns} .rows=${containers} .keyOf=${({ name }: Container) => name}></reeve-table>
    <p class="quiet">${msg('By the processors’ time that each took.')}</p>
  </section>`;
}
