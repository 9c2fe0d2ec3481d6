import { expect, onTestFinished, test } from 'vitest';
import type { Chunk, HistoryEngine } from '../../../../appliance/store/history-engine.ts';
import { openPostgresHistory } from '../../../../appliance/store/postgres/history-engine.ts';
import type { HistoryPlace } from '../../../helpers/history-place.ts';
import { nameOf, openOn, postgresPlace } from '../../../helpers/history-place-postgres.ts';
import { usePostgres } from '../../../helpers/postgres.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { until } from '../../../helpers/until.ts';
import {
  bytes,
  chunk,
  commit,
  each,
  foundOf,
  key,
  readSummed,
  replayed,
  rowsOf,
  saidOf,
  summed,
  using,
} from '../engine-samples.ts';

const server = usePostgres({ settings: { fsync: 'off' } });

/** A database, and a way to it beside the one that is tested. */
async function placed() {
  const address = await server.database();
  const place = postgresPlace(server, Promise.resolve(address));
  return { address, place, sql: (text: string) => server.sql(text, nameOf(address)) };
}

const flipped = (column: string) => `${column} = set_byte(${column}, 9, get_byte(${column}, 9) # 1)`;

/** An engine that is open until the test has finished. */
async function opened(place: HistoryPlace): Promise<HistoryEngine> {
  const engine = await place.open({ log: keepingLog() });
  onTestFinished(() => engine.close());
  return engine;
}

test('a chunk that is damaged is named and left out, once, and all others are read', async () => {
  const { place, sql } = await placed();
  await using(place, (engine) => engine.chunks.write(key(1), each([chunk('a'), chunk('b'), chunk('c')])));
  await sql(`update reeve.chunks set ${flipped('body')} where host_id = 'b'`);
  await using(place, async (engine) => {
    const [ref] = foundOf(engine, 'b');
    expect(await readSummed(engine, ref)).toBeUndefined();
    expect(await readSummed(engine, ref)).toBeUndefined();
    expect(engine.damage).toEqual([
      {
        file: 'raw/2h/2025-11-21T12+2h.1',
        reason:
          'the history of host b from 2025-11-21T12:00:00.000Z to 2025-11-21T13:00:00.000Z is damaged and was left out',
      },
    ]);
    expect(foundOf(engine, 'b')).toEqual([]);
    for (const host of ['a', 'c'])
      expect(await readSummed(engine, foundOf(engine, host)[0])).toEqual(summed(chunk(host)));
  });
});

test('a commit that is damaged is named and left out, and so are those that are missing', async () => {
  const { place, sql } = await placed();
  await using(place, async (engine) => {
    const log = await engine.log('2h');
    for (let number = 1; number <= 9; number++) await log.append(commit(number));
  });
  await sql(`update reeve.commits set ${flipped('payload')} where number = 3`);
  await sql('delete from reeve.commits where number in (5, 6)');
  await using(place, async (engine) => {
    expect(await replayed(engine)).toEqual(saidOf([1, 2, 4, 7, 8, 9].map((number) => commit(number))));
    expect(engine.damage).toEqual([
      { file: 'log/2h', reason: 'commit 3 is damaged and was left out' },
      { file: 'log/2h', reason: 'commits 5 to 6 are missing' },
    ]);
  });
});

test('a record that is damaged is named and left out', async () => {
  const { place, sql } = await placed();
  await using(place, ({ records }) =>
    records.put([
      { id: 'a', n: 1 },
      { id: 'b', n: 1 },
    ]),
  );
  await sql(`update reeve.records set body = replace(body, '1', '2') where id = 'a'`);
  await using(place, async ({ records, damage }) => {
    expect([await records.all(), await records.all()]).toEqual([[{ id: 'b', n: 1 }], [{ id: 'b', n: 1 }]]);
    expect(damage).toEqual([{ file: 'records', reason: 'a is damaged and was left out' }]);
  });
});

test('commits are written while the chunks of a partition are still coming, which come in small batches', async () => {
  const { place } = await placed();
  const engine = await opened(place);
  const log = await engine.log('2h');
  const batches: string[] = [];
  place.below.onWrite = (data) => void batches.push(Buffer.from(data).toString().split(' ').slice(0, 3).join(' '));
  async function* coming(): AsyncIterable<Chunk> {
    for (let n = 1; n <= 6; n++) {
      yield chunk(`host-${n}`, { columns: [bytes(n, 600_000), bytes(n, 10)] });
      await log.append(commit(n));
    }
  }
  await engine.chunks.write(key(1), coming());
  expect(batches.filter((text) => text === 'insert into reeve.chunks')).toHaveLength(3);
  expect(await replayed(await opened(await place.copy()))).toHaveLength(6);
});

test('a partition that was never finished is not counted, and goes when the next one is written', async () => {
  const { place, sql } = await placed();
  await using(place, (engine) => engine.chunks.write(key(1), each([chunk('a')])));
  await sql('update reeve.partitions set is_placed = false');
  await using(place, async (engine) => {
    expect([engine.chunks.partitions(), engine.chunks.hosts(), engine.bytes()]).toEqual([[], [], 0]);
    await engine.chunks.write(key(2), each([chunk('b')]));
    expect(await sql('select host_id from reeve.chunks')).toEqual([{ host_id: 'b' }]);
  });
});

test('a partition whose answer was lost does not come back beside another one that holds the same rows', async () => {
  const { place, sql } = await placed();
  await using(place, async (engine) => {
    const isPlacing = (data: Uint8Array) => Buffer.from(data).includes('is_placed = true');
    place.below.onWrite = (data) => {
      place.below.mode = isPlacing(data) ? 'sync' : 'works';
    };
    await expect(engine.chunks.write(key(1), each([chunk('a', { rows: 5 })]))).rejects.toThrow('cannot be reached');
    expect(await sql('select id from reeve.partitions where is_placed')).toHaveLength(1);
    place.below.onWrite = () => undefined;
    place.below.mode = 'works';
    await engine.chunks.write(key(2), each([chunk('a', { rows: 7 })]));
    expect(rowsOf(engine, 'a')).toBe(7);
  });
  await using(place, async (engine) => expect(rowsOf(engine, 'a')).toBe(7));
});

test('a host that could not be forgotten is out of sight, and forgotten by the next try', async () => {
  const { place, sql } = await placed();
  await using(place, async (engine) => {
    await engine.chunks.write(key(1), each([chunk('a'), chunk('b')]));
    place.below.mode = 'torn';
    await expect(engine.chunks.forget('a')).rejects.toThrow('cannot be reached');
    expect(engine.chunks.hosts()).toEqual(['b']);
    place.below.mode = 'works';
    await engine.chunks.forget('a');
    expect(await sql(`select host_id from reeve.chunks`)).toEqual([{ host_id: 'b' }]);
  });
});

test('a history that reads one moment of the database stays at that moment', async () => {
  const { address, place } = await placed();
  await using(place, async (engine) => engine.chunks.write(key(1), each([chunk('a')])));
  const database = await openOn(address);
  onTestFinished(() => database.close());
  const engine = await openPostgresHistory({ database, log: keepingLog() });
  const log = await engine.log('2h');
  await log.append(commit(1));
  await database.moment(async (read) => {
    const frozen = await openPostgresHistory({ database: { ...database, read }, log: keepingLog() });
    await engine.chunks.write(key(2, { isWhole: true }), each([chunk('b')]));
    await log.append(commit(2));
    expect(frozen.chunks.hosts()).toEqual(['a']);
    expect(await readSummed(frozen, foundOf(frozen, 'a')[0])).toEqual(summed(chunk('a')));
    expect(await replayed(frozen)).toEqual(saidOf([commit(1)]));
  });
  expect(engine.chunks.hosts()).toEqual(['b']);
});

test('a server that is gone for a while costs nothing that was acknowledged', async () => {
  const { place } = await placed();
  const engine = await opened(place);
  const log = await engine.log('2h');
  await log.append(commit(1));
  await engine.chunks.write(key(1), each([chunk('a')]));
  await server.stop();
  await expect(log.append(commit(2))).rejects.toMatchObject({ code: 'storage-unavailable' });
  await expect(engine.chunks.write(key(2), each([chunk('a')]))).rejects.toMatchObject({ code: 'storage-unavailable' });
  const [ref] = foundOf(engine, 'a');
  await expect(readSummed(engine, ref)).rejects.toMatchObject({ code: 'storage-unavailable' });
  expect(engine.damage).toEqual([]);
  await server.start();
  const tryAgain = () =>
    log.append(commit(2)).then(
      () => true,
      () => false,
    );
  await until(tryAgain, { what: 'the commit is written', timeoutMs: 20_000 });
  await engine.chunks.write(key(2), each([chunk('a')]));
  expect(await readSummed(engine, ref)).toEqual(summed(chunk('a')));
  expect([rowsOf(engine, 'a'), await replayed(engine)]).toEqual([1440, saidOf([commit(1), commit(2)])]);
}, 60_000);
