import { formatValue } from '../format.ts';
import { msg, plural } from '../msg.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import { call, type ResponseOf } from '../rest.ts';
import { exactTime } from '../times.ts';

type Belongings = ResponseOf<'GET /api/v1/host-removal'>['items'][number];

const NAMED = 5;

/** Asks the appliance exactly what goes with these hosts, and says it before `remove` is called. */
export async function askRemoval(ids: readonly string[], remove: () => Promise<unknown>): Promise<Confirmation> {
  const { items } = await call('GET /api/v1/host-removal', { query: { ids: ids.join(',') } });
  const [first] = items;
  const isOne = items.length === 1 && first !== undefined;
  return {
    heading: isOne
      ? msg('Remove {name}?', { name: first.name })
      : plural(items.length, { one: 'Remove {count} host?', other: 'Remove {count} hosts?' }),
    consequences: [...whatGoes(items), msg('This cannot be undone.')],
    verb: msg('Remove'),
    typed: isOne ? first.name : String(items.length),
    act: remove,
  };
}

const sum = (items: readonly Belongings[], of: (item: Belongings) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

function whatGoes(items: readonly Belongings[]): string[] {
  const going = items.filter(({ isOwnMachine }) => !isOwnMachine);
  const names = going.slice(0, NAMED).map(({ name }) => name);
  const more = going.length - names.length;
  const named = more > 0 ? msg('{names} and {count} more', { names: names.join(', '), count: more }) : names.join(', ');
  const kept = items.filter(({ isOwnMachine }) => isOwnMachine).map(({ name }) => name);
  const agents = sum(going, (item) => item.agents);
  const tokens = sum(going, (item) => item.tokens);
  return [
    msg('{names}: name, tags and settings', { names: named }),
    historyLine(going),
    ...(agents > 0
      ? [
          plural(agents, {
            one: 'The right of {count} agent to connect; it stays installed on its machine',
            other: 'The right of {count} agents to connect; they stay installed on their machines',
          }),
        ]
      : []),
    ...(tokens > 0
      ? [
          plural(tokens, {
            one: '{count} command that was not used yet',
            other: '{count} commands that were not used yet',
          }),
        ]
      : []),
    ...kept.map((name) => msg('{name} stays: Reeve watches itself there', { name })),
  ];
}

function historyLine(items: readonly Belongings[]): string {
  const from = Math.min(...items.map(({ oldestAt }) => oldestAt ?? Number.POSITIVE_INFINITY));
  const to = Math.max(...items.map(({ newestAt }) => newestAt ?? Number.NEGATIVE_INFINITY));
  const series = sum(items, (item) => item.series);
  if (series === 0 || !Number.isFinite(from)) return msg('No history: no value has come yet');
  const words = { count: series, from: exactTime(from), to: exactTime(to) };
  const bytes = sum(items, (item) => item.bytes);
  // The last hours are in files that hosts share until they are packed: nothing is claimed of them.
  if (bytes === 0) return msg('All history: {count} series, from {from} to {to}, in every resolution', words);
  return msg('All history: {count} series, from {from} to {to}, in every resolution; {size} on disk', {
    ...words,
    size: formatValue(bytes, 'By'),
  });
}
