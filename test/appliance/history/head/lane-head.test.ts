import { expect, test } from 'vitest';
import { LaneHead } from '../../../../appliance/history/head/lane-head.ts';
import type { RowSet } from '../../../../appliance/history/head/rows.ts';

const MINUTE = 60_000;
const HOST = 'host-1';
const SERIES = [
  { id: 1, metric: 'a', attributes: {} },
  { id: 2, metric: 'b', attributes: {} },
];

const headOfADay = (): LaneHead => new LaneHead({ name: 'day', spanMs: 1_440 * MINUTE, leastIntervalMs: MINUTE });

function addRows(head: LaneHead, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const values = [row / 10, row % 7 === 0 ? null : row * row];
    head.add(
      { hostId: HOST, at: row * MINUTE, intervalMs: MINUTE, late: row === 5, series: SERIES, values, commit: row },
      0,
    );
  }
}

function read(head: LaneHead): { times: number[]; columns: number[][] } {
  const sets = head.find(HOST, { from: 0, to: 1e12 }).flatMap((block): readonly RowSet[] => block.snapshot());
  const all = { times: [] as number[], columns: [[], []] as number[][] };
  for (const set of sets) {
    const out = new Float64Array(set.rows);
    set.readTimes(out);
    all.times.push(...out);
    for (const [index, { id }] of SERIES.entries()) {
      set.readColumn(set.seriesIds.indexOf(id), out);
      all.columns[index]?.push(...out);
    }
    expect(set.intervalMs).toBe(MINUTE);
    expect(set.late).toEqual([[5 * MINUTE, 5 * MINUTE]]);
  }
  return all;
}

test('rows whose packing waits are the rows that were added: while it waits, after it, and with later ones behind them', async () => {
  const [hasty, usual] = [headOfADay(), headOfADay()];
  hasty.hurry();
  for (const head of [hasty, usual]) addRows(head, 0, 700);
  const before = read(hasty);
  expect(before.times).toEqual(Array.from({ length: 700 }, (_, row) => row * MINUTE));
  expect(before.columns[0]?.[699]).toBe(69.9);
  expect(before.columns[1]?.slice(6, 9)).toEqual([36, Number.NaN, 64]);
  expect(read(usual)).toEqual(before);

  const packing = hasty.catchUp();
  for (const head of [hasty, usual]) addRows(head, 700, 900);
  await packing;
  expect(read(hasty)).toEqual(read(usual));
  expect(read(hasty).times).toHaveLength(900);
});

test('a million values wait at most: what comes behind them is packed at once', async () => {
  const head = headOfADay();
  head.hurry();
  const series = Array.from({ length: 2_000 }, (_, id) => ({ id, metric: `m${id}`, attributes: {} }));
  const values = series.map(({ id }) => id);
  for (let row = 0; row < 700; row++)
    head.add({ hostId: HOST, at: row * MINUTE, intervalMs: MINUTE, late: false, series, values, commit: row }, 0);
  const [block] = head.find(HOST, { from: 0, to: 1e12 });
  const before = block?.snapshot() ?? [];
  await head.catchUp();
  const after = block?.snapshot() ?? [];
  expect(after).toHaveLength(before.length);
  const waited = before.filter((set, index) => set !== after[index]);
  expect(waited.reduce((sum, { rows }) => sum + rows * series.length, 0)).toBeLessThanOrEqual(1_000_000);
  expect(waited.length).toBeGreaterThan(0);
  expect(waited.length).toBeLessThan(before.length);
});
