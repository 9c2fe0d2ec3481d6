import { html } from 'lit';
import { msg } from '../msg.ts';
import type { Column } from '../parts/table-rows.ts';
import { energy, money } from './words.ts';

/** What each row took, and what that cost. */
export const energyColumns = (currency: string): Column<{ kwh: number; cost: number }>[] => [
  {
    id: 'kwh',
    title: msg('Energy'),
    align: 'end',
    cell: ({ kwh }) => html`<span class="value">${energy(kwh)}</span>`,
  },
  {
    id: 'cost',
    title: msg('Cost'),
    align: 'end',
    cell: ({ cost }) => html`<span class="value">${money(cost, currency)}</span>`,
  },
];
