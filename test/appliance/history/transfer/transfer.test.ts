import { describe, expect, test } from 'vitest';
import type { OpenedHistory } from '../../../../appliance/history/open.ts';
import { type HistoryBench, historyBench, NOON, readAll, sender } from '../../../helpers/history.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { countsOf, exported, pieces, saidBy } from '../../../helpers/transfer.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FAST = '019aa5a0-0000-7000-8000-00000000000a';
const SLOW = '019aa5a0-0000-7000-8000-00000000000b';

const bench = () => historyBench(temporaryDirectory());

/** Two hosts, at 10 s and at a minute, that have sent for a while. */
async function filled(made: HistoryBench, hours: number): Promise<OpenedHistory> {
  const history = await made.open();
  const start = made.now;
  const fast = sender(history, { hostId: FAST, stream: 'f/1', intervalMs: 10_000 });
  const slow = sender(history, { hostId: SLOW, stream: 's/1', intervalMs: MINUTE });
  for (let hour = 0; hour < hours; hour++) {
    const frames = [];
    for (let n = 0; n < 360; n++) {
      const at = start + hour * HOUR + n * 10_000;
      const value = hour * 360 + n;
      frames.push(fast.frame(at, [value, n % 7 === 0 ? null : value / 4]));
      if (n % 6 === 0) frames.push(slow.frame(at, [value, 1]));
    }
    made.now = start + (hour + 1) * HOUR;
    await history.append(frames);
    await history.tend();
  }
  return history;
}

async function taken(into: OpenedHistory, text: string | Buffer, hostOf?: (hostId: string) => string) {
  return into.transfer.import(pieces(text), hostOf ? { hostOf } : {});
}

describe('an export taken into an empty appliance', () => {
  test('gives every value back, sealed and open, under the same hosts and names', async () => {
    const [from, to] = [bench(), bench()];
    const source = await filled(from, 5);
    to.now = from.now;
    const target = await to.open();
    const text = await exported(source);
    const report = await taken(target, text);
    expect(report).toEqual({
      lines: text.split('\n').length - 1,
      rows: 5 * 420,
      known: 0,
      hosts: expect.arrayContaining([FAST, SLOW].map((id) => ({ id, nameInFile: '' }))),
    });
    const range = { from: NOON, to: NOON + 6 * HOUR };
    for (const hostId of [FAST, SLOW]) {
      expect(await readAll(target, { hostId, ...range })).toEqual(await readAll(source, { hostId, ...range }));
      expect(target.seriesOf(hostId)).toEqual(source.seriesOf(hostId));
    }
    expect(saidBy(await exported(target))).toEqual(saidBy(text));
    expect((await target.transfer.verify()).findings).toEqual([]);
  });

  test('is there after a restart, and frames of a host go on behind it', async () => {
    const [from, to] = [bench(), bench()];
    const text = await exported(await filled(from, 3));
    to.now = from.now;
    const first = await to.open();
    await taken(first, text);
    const agent = sender(first, { hostId: FAST, stream: 'new/1', intervalMs: 10_000 });
    await first.append([agent.frame(to.now, [9, 9])]);
    await first.close();
    const second = await to.open();
    const said = saidBy(await exported(second));
    expect(said.size).toBe(saidBy(text).size + 2);
    expect((await second.transfer.verify()).findings).toEqual([]);
  });

  test('may hold only some hosts and some time', async () => {
    const source = await filled(bench(), 5);
    const [from, to] = [NOON + HOUR, NOON + 2 * HOUR];
    const said = [...saidBy(await exported(source, { from, to, hosts: [SLOW] })).keys()];
    expect(said).toHaveLength(120);
    expect(said.every((key) => key.startsWith(`raw ${SLOW} `))).toBe(true);
    const times = said.map((key) => Number(key.split(' ').at(-1)));
    expect([Math.min(...times), Math.max(...times)]).toEqual([from, to - MINUTE]);
  });
});

describe('an import doubles nothing', () => {
  test('when it is done twice, also after a restart', async () => {
    const [from, to] = [bench(), bench()];
    const text = await exported(await filled(from, 4));
    to.now = from.now;
    const target = await to.open();
    const { rows } = await taken(target, text);
    await target.tend();
    expect(await taken(target, text)).toMatchObject({ rows: 0, known: rows, hosts: [] });
    await target.close();
    const again = await to.open();
    expect(await taken(again, text)).toMatchObject({ rows: 0, known: rows });
    expect(saidBy(await exported(again))).toEqual(saidBy(text));
  });

  test('where the appliance has a part of it already: what is missing comes in', async () => {
    const [from, to] = [bench(), bench()];
    const text = await exported(await filled(from, 6));
    const target = await filled(to, 3);
    to.now = from.now;
    expect(await taken(target, text)).toMatchObject({ rows: 3 * 420, known: 3 * 420 });
    expect(saidBy(await exported(target))).toEqual(saidBy(text));
  });

  test('into the very appliance that it came from', async () => {
    const made = bench();
    const source = await filled(made, 3);
    const text = await exported(source);
    expect(await taken(source, text)).toMatchObject({ rows: 0, known: 3 * 420 });
    expect(saidBy(await exported(source))).toEqual(saidBy(text));
  });

  test('in any tier, however the rows have aged on either side', async () => {
    const [from, to] = [bench(), bench()];
    const source = await filled(from, 30);
    const young = await exported(source);
    const first = countsOf(saidBy(young));
    expect(Object.keys(first).sort()).toEqual(['1m', 'raw']);
    const whole = (first.raw ?? 0) + (first['1m'] ?? 0);
    to.now = from.now;
    const target = await to.open();
    await taken(target, young);
    for (const days of [3, 20, 40, 200]) {
      from.now = to.now = NOON + days * DAY;
      await source.tend();
      await target.tend();
      const aged = await exported(source);
      expect(countsOf(saidBy(await exported(target))), `after ${days} days`).toEqual(countsOf(saidBy(aged)));
      // Neither the file from before nor the one of now brings anything that is not known.
      for (const text of [young, aged]) expect((await taken(target, text)).rows, `after ${days} days`).toBe(0);
      const fresh = bench();
      fresh.now = to.now;
      const empty = await fresh.open();
      await taken(empty, aged);
      await empty.tend();
      expect(countsOf(saidBy(await exported(empty))), `new after ${days} days`).toEqual(countsOf(saidBy(aged)));
      await taken(empty, aged);
      await empty.close();
    }
    const counts = countsOf(saidBy(await exported(target)));
    expect(counts).toEqual({ '5m': whole, '1h': whole });
    expect((await target.transfer.verify()).findings).toEqual([]);
  }, 60_000);

  test('when the rows go to a host of another id', async () => {
    const [from, to] = [bench(), bench()];
    const text = await exported(await filled(from, 2));
    to.now = from.now;
    const target = await to.open();
    const hostOf = (hostId: string) => (hostId === FAST ? 'other-host' : hostId);
    expect((await taken(target, text, hostOf)).hosts.map(({ id }) => id).sort()).toEqual([SLOW, 'other-host']);
    expect((await taken(target, text, hostOf)).rows).toBe(0);
    expect(target.seriesOf(FAST)).toEqual([]);
    expect((await readAll(target, { hostId: 'other-host' })).a).toHaveLength(360);
  });
});

describe('a file that was cut', () => {
  test('anywhere gives what was before the cut, says in which line it ends, and is completed by the whole file', async () => {
    const text = await exported(await filled(bench(), 3));
    const whole = saidBy(text);
    for (const share of [0, 0.01, 0.3, 0.5, 0.77, 0.999]) {
      const cut = text.slice(0, Math.floor(text.length * share));
      const to = bench();
      to.now = NOON + 3 * HOUR;
      const target = await to.open();
      const report = await taken(target, cut);
      const lines = cut.split('\n').length;
      expect(report.problem?.line).toBe(lines);
      expect(report.problem?.reason).toMatch(/was cut/);
      const before = lines === 1 ? new Map() : saidBy(cut.slice(0, cut.lastIndexOf('\n')));
      expect(saidBy(await exported(target))).toEqual(before);
      await taken(target, text);
      expect(saidBy(await exported(target))).toEqual(whole);
      await target.close();
    }
  }, 60_000);
});
