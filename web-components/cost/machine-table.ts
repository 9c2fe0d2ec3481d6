import { html, nothing } from 'lit';
import type { Machine } from '../../protocol/cost.ts';
import type { TariffBook } from '../../protocol/routes/tariffs.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import type { Column } from '../parts/table-rows.ts';

export type MachineRow = TariffBook['machines'][number];

export interface MachineDoings {
  edit(row: MachineRow): void;
  drop(row: MachineRow): void;
}

/** Typical machines with what each takes; with `does`, they can be changed, and own ones taken back. */
export function machineTable(machines: readonly MachineRow[], does?: MachineDoings) {
  const columns: Column<MachineRow>[] = [
    {
      id: 'title',
      title: msg('Machine'),
      isHeading: true,
      sortBy: ({ title }) => title,
      cell: ({ title, isOwn }) =>
        html`${title} ${isOwn ? html`<span class="quiet">${msg('your own')}</span>` : nothing}`,
    },
    wattsOf(msg('Idle'), ({ idleWatts }) => idleWatts),
    wattsOf(msg('Full load'), ({ fullWatts }) => fullWatts),
    wattsOf(msg('Switched off'), ({ standbyWatts }) => standbyWatts),
    ...(does ? [doingsOf(does)] : []),
  ];
  return html`<reeve-table name="machines-" label=${msg('Typical machines')} .columns=${columns} .rows=${machines} .keyOf=${({ id }: MachineRow) => id}></reeve-table>`;
}

const wattsOf = (title: string, of: (row: MachineRow) => number): Column<MachineRow> => ({
  ...{ id: title, title, align: 'end' as const, sortBy: of },
  cell: (row) => html`<span class="value">${formatValue(of(row), 'W')}</span>`,
});

const doingsOf = ({ edit, drop }: MachineDoings): Column<MachineRow> => ({
  id: 'does',
  title: msg('Actions'),
  cell: (row) =>
    html`<reeve-action @click=${() => edit(row)}>${msg('Change…')}</reeve-action> ${row.isOwn ? html`<reeve-action @click=${() => drop(row)}>${msg('Take back')}</reeve-action>` : nothing}`,
});

/** The form of a machine, as JSON Schema. */
export function machineForm() {
  const watts = (title: string, order: number) => ({ type: 'number', title, minimum: 0, order });
  return {
    type: 'object',
    properties: {
      title: { type: 'string', title: msg('Machine'), order: 1 },
      idleWatts: watts(msg('Idle, W'), 2),
      fullWatts: watts(msg('Full load, W'), 3),
      standbyWatts: watts(msg('Switched off, W'), 4),
    },
    required: ['title', 'idleWatts', 'fullWatts'],
  };
}

/** What was filled in, with the id that it had or a readable one. */
export const machineOf = (given: Readonly<Record<string, unknown>>, id?: string): Machine => ({
  id: id ?? idOf(String(given.title ?? '')),
  title: String(given.title ?? ''),
  idleWatts: Number(given.idleWatts ?? 0),
  fullWatts: Number(given.fullWatts ?? 0),
  standbyWatts: Number(given.standbyWatts ?? 0),
});

/** A readable id of a title. */
const idOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'machine';
