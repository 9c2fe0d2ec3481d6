import { html } from 'lit';
import { THRESHOLDS } from '../condition.ts';
import { formatValue, NOTHING } from '../format.ts';
import { rackText } from '../host/facts.ts';
import type { CardValues } from '../live/card-values.ts';
import { msg } from '../msg.ts';
import { LEVELS, shareLevel, type Thresholds } from '../parts/levels.ts';
import '../parts/state-icon.ts';
import type { Column } from '../parts/table-rows.ts';
import { formatSpan } from '../times.ts';
import type { Judged } from './filter.ts';

/** A host with its last values, as a row of the fleet's table. */
export interface FleetRow extends Judged {
  values: CardValues | undefined;
}

const levelColumn = (): Column<FleetRow> => ({
  id: 'state',
  title: msg('State'),
  sortBy: ({ condition }) => LEVELS.indexOf(condition.level),
  cell: ({ condition }) => html`<reeve-state level=${condition.level} word=${condition.word}></reeve-state>`,
});

interface Share {
  id: string;
  title: string;
  of: (values: CardValues) => number | undefined;
  limits: Thresholds;
}

const shareColumn = ({ id, title, of, limits }: Share): Column<FleetRow> => ({
  id,
  title,
  align: 'end',
  sortBy: ({ values }) => values && of(values),
  cell: ({ values }) => {
    const share = values && of(values);
    if (share === undefined) return NOTHING;
    const level = shareLevel(share, limits);
    const text = formatValue(share, '1');
    return level === 'ok' ? text : html`<reeve-state level=${level} word=${text}></reeve-state>`;
  },
});

const rateColumn = (id: string, title: string, of: (values: CardValues) => number | undefined): Column<FleetRow> => ({
  id,
  title,
  align: 'end',
  sortBy: ({ values }) => values && of(values),
  cell: ({ values }) => formatValue(values && of(values), 'By/s', { bits: true }),
});

/** A box for each row and one for all, for what is done with several hosts at once. */
export function chosenColumn(
  rows: readonly FleetRow[],
  chosen: ReadonlySet<string>,
  choose: (ids: ReadonlySet<string>) => void,
): Column<FleetRow> {
  const areAll = rows.length > 0 && rows.every(({ host }) => chosen.has(host.id));
  const one = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    choose(next);
  };
  const all = (): void => choose(new Set(areAll ? [] : rows.map(({ host }) => host.id)));
  return {
    id: 'chosen',
    title: msg('Choose'),
    head: html`<input type="checkbox" aria-label=${msg('Choose all hosts')} .checked=${areAll} @change=${all} />`,
    cell: ({ host }) => html`<input
      type="checkbox"
      aria-label=${msg('Choose {name}', { name: host.name })}
      .checked=${chosen.has(host.id)}
      @change=${() => one(host.id)}
    />`,
  };
}

/** Columns of the fleet's table; `now` is the appliance's time. */
export function fleetColumns(now: number): Column<FleetRow>[] {
  return [
    {
      id: 'name',
      title: msg('Host'),
      isHeading: true,
      sortBy: ({ host }) => host.name,
      cell: ({ host }) => html`<a href="/hosts/${host.id}">${host.name}</a>`,
    },
    levelColumn(),
    shareColumn({ id: 'cpu', title: msg('CPU'), of: ({ cpu }) => cpu, limits: {} }),
    shareColumn({ id: 'memory', title: msg('RAM'), of: ({ memory }) => memory, limits: THRESHOLDS.memory }),
    shareColumn({ id: 'disk', title: msg('Disk'), of: ({ disks }) => disks[0]?.used, limits: THRESHOLDS.disk }),
    rateColumn('in', msg('In'), ({ networkIn }) => networkIn),
    rateColumn('out', msg('Out'), ({ networkOut }) => networkOut),
    {
      id: 'uptime',
      title: msg('Up'),
      align: 'end',
      sortBy: ({ host }) => (host.facts?.bootAt === undefined ? undefined : now - host.facts.bootAt),
      cell: ({ host }) => (host.facts?.bootAt === undefined ? NOTHING : formatSpan(now - host.facts.bootAt)),
    },
    {
      id: 'os',
      title: msg('System'),
      sortBy: ({ host }) => host.facts?.os,
      cell: ({ host }) => html`<span class="short">${host.facts?.os ?? NOTHING}</span>`,
    },
    { id: 'role', title: msg('Role'), sortBy: ({ host }) => host.role, cell: ({ host }) => host.role ?? NOTHING },
    {
      id: 'rack',
      title: msg('Rack'),
      sortBy: ({ host }) => host.rack && `${host.rack} ${String(host.rackUnit ?? 0).padStart(3, '0')}`,
      cell: ({ host }) => rackText(host) ?? NOTHING,
    },
    { id: 'tags', title: msg('Tags'), cell: ({ host }) => host.tags.join(', ') || NOTHING },
  ];
}
