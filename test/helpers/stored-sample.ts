import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Kind } from '../../appliance/store/documents.ts';
import type { Chunk, HistoryEngine, PartitionKey } from '../../appliance/store/history-engine.ts';
import { counted } from '../../appliance/store/move/any-document.ts';
import { readFiles } from '../../appliance/store/move/file-documents.ts';
import { lanesIn } from '../../appliance/store/move/files.ts';
import { countHistory } from '../../appliance/store/move/history.ts';
import { Tally } from '../../appliance/store/move/tally.ts';
import { openDocumentStore } from '../../appliance/store/nedb/documents.ts';
import { openNedbHistory } from '../../appliance/store/nedb/history-engine.ts';
import { parseAddress } from '../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../appliance/store/postgres/connect.ts';
import { countAll } from '../../appliance/store/postgres/fill.ts';
import { keepingLog } from './silent-log.ts';

const thing = z.object({
  id: z.string(),
  siteId: z.string(),
  rev: z.number(),
  name: z.string(),
  more: z.unknown().optional(),
});
export type Thing = z.infer<typeof thing>;
export const things: Kind<Thing> = { name: 'things', schema: thing, indexes: ['name'] };
export const others: Kind<Thing> = { name: 'others', schema: thing, indexes: [] };

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 20, 10);
const bytes = (seed: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, n) => (seed * 31 + n * 7) % 256));

async function* chunks(seed: number, hosts: readonly string[], from = START): AsyncIterable<Chunk> {
  for (const [n, hostId] of hosts.entries())
    yield {
      ...{ hostId, from, to: from + 60_000, rows: 13, intervalMs: 5_000, seriesIds: [1, 2, 40 + n] },
      ...{ names: bytes(seed, 20), times: bytes(seed + n, 300), late: n === 0 ? [[from, from + 10_000]] : [] },
      columns: [bytes(seed + 1, 0), bytes(seed + 2, 4_000), bytes(seed + n, 10)],
    };
}

const partition = (more: Partial<PartitionKey>): PartitionKey => ({
  ...{ tier: 'raw', lane: '2h', from: START, spanMs: 2 * HOUR_MS, through: 2 },
  ...more,
});

/** What an appliance might have kept, with everything in it that is easily lost on the way: revisions, odd texts, removed documents, parts of a period beside each other. */
export async function writeSample(dir: string): Promise<void> {
  const log = keepingLog();
  const store = await openDocumentStore({ dir, log });
  const collection = await store.collection(things);
  const odd = {
    'a.b': 1,
    $c: [1.5e300, -0.1, null, true, { 'x.y': 'z' }],
    text: 'NUL \u0000, line \u2028, “é” 🜚',
    lone: '\ud800',
  };
  await collection.insert({ id: 'odd', siteId: 's', name: 'odd', more: odd });
  for (let n = 0; n < 450; n++) await collection.insert({ id: `thing-${n}`, siteId: 's', name: `name ${n % 7}` });
  for (let n = 0; n < 3; n++) await collection.update({ id: 'thing-1', siteId: 's', name: `changed ${n}` });
  await collection.remove('thing-2');
  const second = await store.collection(others);
  await second.insert({ id: 'gone', siteId: 's', name: 'gone' });
  await second.remove('gone');
  await (await store.collection({ ...others, name: 'third' })).insert({ id: 'ß-Ä_z', siteId: 's', name: 'x' });
  await store.close();
  const engine = await openNedbHistory({ dir: join(dir, 'history'), log });
  await fillHistory(engine);
  await engine.close();
}

async function fillHistory(engine: HistoryEngine): Promise<void> {
  const lane = await engine.log('2h');
  for (let number = 3; number < 40; number++) {
    await lane.append({ number, payload: bytes(number, 500) });
    if (number % 10 === 0) await lane.rotate();
  }
  await (await engine.log('24h')).append({ number: 1, payload: bytes(1, 1) });
  await engine.records.put([
    { id: 'lane/2h', last: 39 },
    { id: 'series/h1', odd: { 'a.b': 'NUL \u0000' }, list: [[1, 'x']] },
  ]);
  const hosts = ['host-a', 'host-b', 'host-ü'];
  await engine.chunks.write(partition({}), chunks(1, hosts));
  await engine.chunks.write(partition({ through: 5 }), chunks(2, ['host-a']));
  await engine.chunks.write(partition({ through: 5 }), chunks(3, ['host-b']));
  const day = { from: START - 10 * HOUR_MS, spanMs: 24 * HOUR_MS, lane: '24h' };
  await engine.chunks.write(partition({ ...day, tier: '1h', through: 1 }), chunks(4, hosts, day.from));
  await engine.chunks.write(partition({ ...day, tier: '1h', through: 1, isWhole: true }), chunks(5, hosts, day.from));
}

/** What lies in the files of a directory, which must all be whole. */
export async function tallyOfFiles(dir: string): Promise<Tally> {
  const tally = new Tally();
  const log = keepingLog();
  const fail = ({ reason }: { reason: string }) => expect.unreachable(reason);
  for await (const _each of counted(readFiles(dir, log, fail), tally));
  const engine = await openNedbHistory({ dir: join(dir, 'history'), log });
  await countHistory({ engine, lanes: await lanesIn(dir) }, tally);
  expect(engine.damage).toEqual([]);
  await engine.close();
  return tally;
}

/** What lies in a database. */
export async function tallyOfDatabase(url: string): Promise<Tally> {
  const database = await openDatabase({ address: parseAddress(url), log: keepingLog() });
  try {
    return await database.moment((query) => countAll(database, query, keepingLog()));
  } finally {
    await database.close();
  }
}
