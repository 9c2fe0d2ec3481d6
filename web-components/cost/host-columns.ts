import { html } from 'lit';
import type { HostCost } from '../../protocol/routes/cost.ts';
import { formatValue, NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import type { Column } from '../parts/table-rows.ts';
import { energy, money, shortPower, sourceText } from './words.ts';

/** What is told of each host; shares are of the energy of all. */
export const hostColumns = (currency: string, kwhOfAll: number): Column<HostCost>[] => [
  ...nowColumns(),
  ...monthColumns(currency, kwhOfAll),
];

function nowColumns(): Column<HostCost>[] {
  return [
    {
      id: 'host',
      title: msg('Host'),
      isHeading: true,
      sortBy: ({ name }) => name,
      cell: ({ hostId, name }) => html`<a href="/hosts/${hostId}/cost">${name}</a>`,
    },
    { id: 'source', title: msg('Known by'), sortBy: ({ source }) => source?.title, cell: (row) => sourceText(row) },
    {
      id: 'watts',
      title: msg('Now'),
      align: 'end',
      sortBy: ({ watts }) => watts,
      cell: (row) => html`<span class="value">${shortPower(row)}</span>`,
    },
  ];
}

function monthColumns(currency: string, kwhOfAll: number): Column<HostCost>[] {
  return [
    {
      id: 'today',
      title: msg('Today'),
      align: 'end',
      sortBy: ({ today }) => today.cost,
      cell: ({ today }) => html`<span class="value">${money(today.cost, currency)}</span>`,
    },
    {
      id: 'kwh',
      title: msg('Energy of the month'),
      align: 'end',
      sortBy: (row) => row.month.kwh,
      cell: (row) => html`<span class="value">${energy(row.month.kwh)}</span>`,
    },
    {
      id: 'month',
      title: msg('This month'),
      align: 'end',
      sortBy: (row) => row.month.cost,
      cell: (row) => html`<span class="value">${money(row.month.cost, currency)}</span>`,
    },
    {
      id: 'share',
      title: msg('Share'),
      align: 'end',
      sortBy: (row) => row.month.kwh,
      cell: (row) =>
        html`<span class="value">${kwhOfAll > 0 ? formatValue(row.month.kwh / kwhOfAll, '1') : NOTHING}</span>`,
    },
    {
      id: 'known',
      title: msg('Time known'),
      align: 'end',
      sortBy: ({ knownShare }) => knownShare,
      cell: ({ knownShare }) => html`<span class="value">${formatValue(knownShare, '1')}</span>`,
    },
  ];
}
