import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../appliance/store/errors.ts';
import type { Chunk, HistoryEngine } from '../../../appliance/store/history-engine.ts';
import { stopAfter } from '../../helpers/failing-disk.ts';
import type { HistoryPlace } from '../../helpers/history-place.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import {
  bytes,
  chunk,
  commit,
  each,
  foundOf,
  HOUR,
  key,
  NOON,
  readSummed,
  replayed,
  rowsOf,
  saidOf,
  summed,
  using,
} from './engine-samples.ts';

/** The promises of `HistoryEngine`, the same wherever history is kept. */
export function engineContract(make: () => HistoryPlace): void {
  describe('commits', () => commits(make));
  describe('records', () => records(make));
  describe('partitions', () => partitions(make));
  describe.each(['torn', 'sync'] as const)('when what lies below fails (%s)', (mode) => failures(make, mode));
  test(
    'stopped at any step, the next start finds each row once, and all that was acknowledged',
    () => anywhere(make),
    120_000,
  );
}

function commits(make: () => HistoryPlace): void {
  test('come back in their order, to the byte, each once', async () => {
    const place = make();
    const all = Array.from({ length: 130 }, (_, n) => commit(n + 1, n % 7 === 0 ? 20_000 : n));
    await using(place, async (engine) => {
      const log = await engine.log('2h');
      for (const one of all) await log.append(one);
      await (await engine.log('day')).append(commit(1));
      expect(engine.bytes()).toBeGreaterThan(19 * 20_000);
    });
    await using(place, async (engine) => {
      expect(await replayed(engine)).toEqual(saidOf(all));
      expect(await replayed(engine, 'day')).toEqual(saidOf([commit(1)]));
      expect(await replayed(engine, '1h')).toEqual([]);
      expect(engine.damage).toEqual([]);
    });
  });

  test('go in whole segments, because later ones lean on earlier ones', async () => {
    const place = make();
    await using(place, async (engine) => {
      const log = await engine.log('2h');
      for (const number of [1, 2]) await log.append(commit(number));
      await log.rotate();
      for (const number of [3, 4]) await log.append(commit(number));
      await log.rotate();
      await log.append(commit(5));
      await log.dropThrough(3);
    });
    await using(place, async (engine) => {
      expect(await replayed(engine)).toEqual(saidOf([commit(3), commit(4), commit(5)]));
    });
    await using(place, async (engine) => {
      const log = await engine.log('2h');
      for await (const _ of log.replay());
      await log.append(commit(6));
      const before = engine.bytes();
      await log.dropThrough(5);
      expect(engine.bytes()).toBeLessThan(before);
    });
    await using(place, async (engine) => {
      expect(await replayed(engine)).toEqual(saidOf([commit(6)]));
      expect(engine.damage).toEqual([]);
    });
  });
}

function records(make: () => HistoryPlace): void {
  test('are added, replaced and removed, whatever is in them', async () => {
    const place = make();
    const odd = {
      id: 'series/ünï "x"\\',
      text: 'a\u2028b\u0000\n',
      'k.x': [1, null, { $y: -1e300 }],
      __proto__x: true,
    };
    const many = Array.from({ length: 500 }, (_, n) => ({ id: `marks/${n}`, seq: n }));
    await using(place, async ({ records }) => {
      await records.put([odd, ...many]);
      await records.put([{ id: 'marks/7', seq: 'new' }]);
      await records.put([]);
      await records.remove([...many.slice(10).map(({ id }) => id), 'nobody']);
      await records.remove([]);
    });
    await using(place, async ({ records, damage }) => {
      const found = new Map((await records.all()).map((record) => [record.id, record]));
      expect(found.size).toBe(11);
      expect(found.get(odd.id)).toEqual(odd);
      expect([found.get('marks/7'), found.get('marks/8')]).toEqual([
        { id: 'marks/7', seq: 'new' },
        { id: 'marks/8', seq: 8 },
      ]);
      expect(damage).toEqual([]);
    });
  });
}

function partitions(make: () => HistoryPlace): void {
  test('give back every chunk to the byte, at once and after the next start', async () => {
    const place = make();
    const many = Array.from({ length: 150 }, (_, n) =>
      chunk(`host-${n}`, { rows: n, seriesIds: [n], columns: [bytes(n, n % 50 === 0 ? 900_000 : n * 10)] }),
    );
    const late = chunk('host-3', { from: NOON + HOUR, to: NOON + HOUR + 5, late: [[NOON + HOUR, NOON + HOUR + 5]] });
    const check = async (engine: HistoryEngine) => {
      expect(engine.chunks.partitions()).toMatchObject([key(9)]);
      expect(engine.chunks.hosts().sort()).toEqual(many.map(({ hostId }) => hostId).sort());
      expect(engine.chunks.oldest('raw')).toBe(NOON);
      expect(engine.chunks.oldest('1m')).toBeUndefined();
      const [{ id, bytes: size } = { id: '', bytes: 0 }] = engine.chunks.partitions();
      expect(engine.chunks.chunksOf(id)).toHaveLength(151);
      expect(size).toBeGreaterThan(2_700_000);
      expect(engine.bytes()).toBeGreaterThanOrEqual(size);
      for (const one of many) {
        const [ref] = foundOf(engine, one.hostId);
        expect(await readSummed(engine, ref)).toEqual(summed(one));
      }
      const [, ref] = foundOf(engine, 'host-3');
      expect(await readSummed(engine, ref)).toEqual(summed(late));
    };
    await using(place, async (engine) => {
      await engine.chunks.write(key(9), each([...many, late]));
      await check(engine);
    });
    await using(place, check);
  });

  test('are searched by the times of their chunks, oldest first', async () => {
    await using(make(), async (engine) => {
      const at = (hour: number) => ({ from: NOON + hour * HOUR, to: NOON + (hour + 1) * HOUR - 1 });
      await engine.chunks.write(key(2, { from: NOON + 2 * HOUR }), each([chunk('a', at(3)), chunk('a', at(2))]));
      await engine.chunks.write(key(1), each([chunk('a', at(0)), chunk('b', at(1))]));
      await engine.chunks.write(key(1, { tier: '1m' }), each([chunk('a', at(0))]));
      const hours = (from: number, to: number) =>
        foundOf(engine, 'a', { from: NOON + from * HOUR, to: NOON + to * HOUR }).map((ref) => (ref.from - NOON) / HOUR);
      expect([hours(0, 9), hours(1, 3), hours(2.5, 2.6), hours(4, 9)]).toEqual([[0, 2, 3], [2], [2], []]);
    });
  });

  test('that cannot be finished are not there, and the next try is', async () => {
    const place = make();
    async function* broken(): AsyncIterable<Chunk> {
      yield chunk('a', { columns: [bytes(1, 2_000_000)] });
      yield chunk('b');
      throw new Error('no more');
    }
    await using(place, async (engine) => {
      let placed = 0;
      await expect(engine.chunks.write(key(1), broken(), () => placed++)).rejects.toThrow('no more');
      expect([placed, engine.chunks.partitions()]).toEqual([0, []]);
      await engine.chunks.write(key(1), each([chunk('c')]), () => placed++);
      expect([placed, engine.chunks.hosts()]).toEqual([1, ['c']]);
    });
    await using(place, async (engine) => expect(engine.chunks.hosts()).toEqual(['c']));
  });

  test('are found, and those whose place they take are not, from one moment on', async () => {
    const place = make();
    await using(place, async (engine) => {
      await engine.chunks.write(key(1, { spanMs: HOUR }), each([chunk('a', { rows: 1 })]));
      await engine.chunks.write(key(2, { from: NOON + HOUR, spanMs: HOUR }), each([chunk('a', { rows: 2 })]));
      await engine.chunks.write(key(9, { from: NOON + HOUR, spanMs: HOUR }), each([chunk('a', { rows: 10 })]));
      const [old] = foundOf(engine, 'a');
      const seen: number[] = [];
      async function* whole(): AsyncIterable<Chunk> {
        yield chunk('a', { rows: 3 });
        seen.push(rowsOf(engine, 'a'));
      }
      await engine.chunks.write(key(3, { isWhole: true }), whole(), () => seen.push(rowsOf(engine, 'a')));
      expect(seen).toEqual([13, 13]);
      expect(
        foundOf(engine, 'a')
          .map(({ rows }) => rows)
          .sort(),
      ).toEqual([10, 3]);
      expect(old && (await engine.chunks.read(old))).toBeUndefined();
      expect(engine.damage).toEqual([]);
    });
    await using(place, async (engine) => {
      expect(
        foundOf(engine, 'a')
          .map(({ rows }) => rows)
          .sort(),
      ).toEqual([10, 3]);
    });
  });

  test('may hold nothing, and still say up to which commit they go', async () => {
    const place = make();
    await using(place, ({ chunks }) => chunks.write(key(5), each([])));
    await using(place, async ({ chunks }) => {
      expect(chunks.partitions()).toMatchObject([key(5)]);
      expect([chunks.hosts(), chunks.oldest('raw')]).toEqual([[], Number.MAX_SAFE_INTEGER]);
    });
  });

  test('are dropped with all that is in them', async () => {
    const place = make();
    await using(place, async (engine) => {
      await engine.chunks.write(key(1), each([chunk('a')]));
      await engine.chunks.write(key(2), each([chunk('b')]));
      const [ref] = foundOf(engine, 'a');
      const before = engine.bytes();
      await engine.chunks.drop([ref?.partition.id ?? '', 'nobody']);
      expect(engine.bytes()).toBeLessThan(before);
      expect([foundOf(engine, 'a'), engine.chunks.hosts()]).toEqual([[], ['b']]);
      expect(ref && (await engine.chunks.read(ref))).toBeUndefined();
      expect(engine.damage).toEqual([]);
    });
    await using(place, async (engine) => expect(engine.chunks.hosts()).toEqual(['b']));
  });

  test('lose the chunks of a host that is forgotten, and go when they held no other', async () => {
    const place = make();
    const check = async (engine: HistoryEngine) => {
      expect(engine.chunks.hosts()).toEqual(['b']);
      expect(engine.chunks.partitions()).toMatchObject([key(2)]);
      const [ref] = foundOf(engine, 'b');
      expect(await readSummed(engine, ref)).toEqual(summed(chunk('b')));
      expect(engine.damage).toEqual([]);
    };
    await using(place, async (engine) => {
      await engine.chunks.write(key(1), each([chunk('a'), chunk('a', { from: NOON + 1 })]));
      await engine.chunks.write(key(2), each([chunk('a'), chunk('b')]));
      await engine.chunks.forget('a');
      await engine.chunks.forget('nobody');
      await check(engine);
    });
    await using(place, check);
  });
}

function failures(make: () => HistoryPlace, mode: 'torn' | 'sync'): void {
  test('a commit fails, may be written again with something else in it, and is there once', async () => {
    const place = make();
    await using(place, async (engine) => {
      const log = await engine.log('2h');
      await log.append(commit(1));
      place.below.mode = mode;
      await expect(log.append(commit(2))).rejects.toBeInstanceOf(StorageError);
      await expect(log.append(commit(2))).rejects.toBeInstanceOf(StorageError);
      place.below.mode = 'works';
      // What came before may go, whatever became of the tries.
      await log.dropThrough(1);
      await log.append({ number: 2, payload: bytes(99, 50) });
      await log.append(commit(3));
      await log.dropThrough(1);
    });
    await using(place, async (engine) => {
      expect(await replayed(engine)).toEqual(saidOf([{ number: 2, payload: bytes(99, 50) }, commit(3)]));
    });
  });

  test('records fail and may be put again', async () => {
    const place = make();
    await using(place, async ({ records }) => {
      await records.put([{ id: 'a', n: 1 }]);
      place.below.mode = mode;
      await expect(records.put([{ id: 'a', n: 2 }, { id: 'b' }])).rejects.toBeInstanceOf(StorageError);
      place.below.mode = 'works';
      await records.put([{ id: 'a', n: 3 }, { id: 'c' }]);
    });
    await using(place, async ({ records }) => {
      const found = (await records.all()).filter(({ id }) => id !== 'b').sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(found).toEqual([{ id: 'a', n: 3 }, { id: 'c' }]);
    });
  });

  test('a partition fails, those whose place it takes are still read, and the next try is there once', async () => {
    const place = make();
    await using(place, async (engine) => {
      await engine.chunks.write(key(1), each([chunk('a', { rows: 1 })]));
      await engine.chunks.write(key(2), each([chunk('a', { rows: 2 })]));
      const whole = key(3, { isWhole: true });
      let placed = 0;
      place.below.mode = mode;
      const failed = engine.chunks.write(whole, each([chunk('a', { rows: 3 })]), () => placed++);
      await expect(failed).rejects.toBeInstanceOf(StorageError);
      expect([placed, rowsOf(engine, 'a')]).toEqual([0, 3]);
      for (const ref of foundOf(engine, 'a')) expect(await readSummed(engine, ref)).toMatchObject({ rows: ref.rows });
      place.below.mode = 'works';
      await engine.chunks.write(whole, each([chunk('a', { rows: 3 })]), () => placed++);
      expect([placed, rowsOf(engine, 'a'), foundOf(engine, 'a').length]).toEqual([1, 3, 1]);
      expect(engine.damage).toEqual([]);
    });
    await using(place, async (engine) => expect([rowsOf(engine, 'a'), engine.damage]).toEqual([3, []]));
  });
}

/** Rows 1 + 2 are joined, 4 come beside them, 8 go; a commit and a record say how far it came. */
async function story(engine: HistoryEngine, told: { step: number }): Promise<void> {
  const log = await engine.log('2h');
  const steps = [
    () => log.append(commit(1)),
    () => engine.chunks.write(key(1, { spanMs: HOUR }), each([chunk('a', { rows: 1 }), chunk('b', { rows: 1 })])),
    () => engine.chunks.write(key(2, { from: NOON + HOUR, spanMs: HOUR }), each([chunk('a', { rows: 2 })])),
    () => engine.records.put([{ id: 'far', n: 3 }]),
    () => engine.chunks.write(key(2, { isWhole: true }), each([chunk('a', { rows: 3 }), chunk('b', { rows: 1 })])),
    () => engine.chunks.write(key(8, { tier: '1m' }), each([chunk('a', { rows: 8 })])),
    () => engine.chunks.write(key(4, { from: NOON + 4 * HOUR }), each([chunk('a', { rows: 4 })])),
    () => engine.chunks.drop(engine.chunks.partitions().flatMap(({ id, tier }) => (tier === '1m' ? [id] : []))),
    () => log.append(commit(2)),
    () => engine.chunks.forget('b'),
  ];
  for (const step of steps) {
    await step();
    told.step += 1;
  }
}

/** Every step on a strict run, every third one otherwise; odd, so that writes meet it before and after they were done. */
const STRIDE = process.env.REEVE_TEST_STRICT === '1' ? 1 : 3;

async function anywhere(make: () => HistoryPlace): Promise<void> {
  const rows = [0, 0, 1, 3, 3, 3, 3, 7, 7, 7, 7];
  for (let stop = 0, isEnd = false; !isEnd; stop += STRIDE) {
    const place = make();
    const told = { step: 0 };
    const { stopped } = stopAfter(place.below, stop);
    const engine = await place.open({ log: keepingLog() }).catch(() => undefined);
    if (engine) await story(engine, told).catch(() => undefined);
    isEnd = !stopped();
    await using(await place.copy(), async (next) => {
      // What was under way when it was stopped may be there or not.
      const [least = 0, most = 0] = [rows[told.step], rows[told.step + 1] ?? rows[told.step]];
      expect([least, most], `step ${told.step}, stopped after ${stop}`).toContain(rowsOf(next, 'a'));
      for (const ref of foundOf(next, 'a')) expect(await readSummed(next, ref)).toMatchObject({ rows: ref.rows });
      const [record] = await next.records.all();
      if (told.step >= 4) expect(record).toEqual({ id: 'far', n: 3 });
      expect((await replayed(next)).length).toBeGreaterThanOrEqual(told.step >= 9 ? 2 : told.step >= 1 ? 1 : 0);
      if (isEnd) expect([next.chunks.hosts(), next.chunks.oldest('1m')]).toEqual([['a'], undefined]);
    });
    place.below.gate = () => undefined;
    await engine?.close().catch(() => undefined);
    if (isEnd) expect([told.step, stop > 20]).toEqual([10, true]);
  }
}
