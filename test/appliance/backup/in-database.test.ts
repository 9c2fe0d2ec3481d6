import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type MakeOptions, makeBackup } from '../../../appliance/backup/make.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { openNedbHistory } from '../../../appliance/store/nedb/history-engine.ts';
import { openStores, type Stores } from '../../../appliance/store/open.ts';
import { parseAddress } from '../../../appliance/store/postgres/address.ts';
import { usePostgres } from '../../helpers/postgres.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { things, writeSample } from '../../helpers/stored-sample.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const server = usePostgres();

async function opened(dir = temporaryDirectory()): Promise<Stores> {
  const address = parseAddress(await server.database());
  const stores = await openStores({ dir, address, log: keepingLog() });
  onTestFinished(() => stores.close());
  return stores;
}

test('what is written out of a database is of one moment, whatever is written meanwhile', async () => {
  const dir = temporaryDirectory();
  await writeSample(dir);
  const stores = await opened(dir);
  const engine = await stores.openHistory();
  const collection = await stores.documents.collection(things);
  // The document first and the record after it: one moment has the same number twice, or the document is one ahead.
  const write = async (n: number): Promise<void> => {
    await collection.update({ id: 'odd', siteId: 's', name: String(n) });
    await engine.records.put([{ id: 'count', n }]);
  };
  await write(0);
  let isEnded = false;
  onTestFinished(() => {
    isEnded = true;
  });
  const writing = (async () => {
    for (let n = 1; !isEnded; n++) await write(n);
  })();
  const seen = new Set<number>();
  for (let round = 0; round < 5; round++) {
    const folder = temporaryDirectory();
    await stores.files?.all(folder);
    const store = await openDocumentStore({ dir: folder, log: keepingLog() });
    const document = Number((await (await store.collection(things)).get('odd'))?.name);
    await store.close();
    const history = await openNedbHistory({ dir: join(folder, 'history'), log: keepingLog() });
    const counted = Number((await history.records.all()).find(({ id }) => id === 'count')?.n);
    await history.close();
    expect([0, 1]).toContain(document - counted);
    seen.add(counted);
  }
  isEnded = true;
  await writing;
  expect(seen.size).toBeGreaterThan(1);
});

function options(stores: Stores, more: Partial<MakeOptions>): MakeOptions {
  const dataDir = temporaryDirectory();
  return {
    ...{ dataDir, file: join(dataDir, 'backups', 'x.reeve'), passphrase: 'a passphrase', dataKey: Buffer.alloc(32) },
    about: {
      version: '1',
      dataFormat: 1,
      applianceId: '0198c8f0-0000-7000-8000-000000000000',
      madeAt: 1_790_000_000_000,
    },
    still: () => expect.unreachable('nothing has to hold still'),
    check: async () => [],
    freeBytes: async () => 1e12,
    withoutSealed: () => expect.unreachable('nothing is left out'),
    inDatabase: stores.files,
    ...more,
  };
}

test('a backup for which the disk has no room to write the database out is refused before it begins', async () => {
  const dir = temporaryDirectory();
  await writeSample(dir);
  const stores = await opened(dir);
  const bytes = (await stores.files?.bytes()) ?? 0;
  expect(bytes).toBeGreaterThan(50_000);
  const short = options(stores, { freeBytes: async () => 100e6 + bytes - 1 });
  await expect(makeBackup(short)).rejects.toThrow(/are written into .* first, and .* are free there/);
  expect(readdirSync(short.dataDir)).toEqual(['backups']);
  const enough = options(stores, {});
  expect(await makeBackup(enough)).toMatchObject({ heldMs: 0, wasRestored: true });
  const folder = temporaryDirectory();
  await stores.files?.all(folder);
  const written = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath, entry.name)).length, 0);
  expect(bytes).toBeGreaterThan(written * 0.9);
});

test('a backup that is stopped leaves nothing behind', async () => {
  const stores = await opened();
  const stop = new AbortController();
  stop.abort();
  const stopped = options(stores, { signal: stop.signal });
  await expect(makeBackup(stopped)).rejects.toThrow(/abort/i);
  expect(existsSync(join(stopped.dataDir, 'backup.part'))).toBe(false);
  expect(readdirSync(join(stopped.dataDir, 'backups'))).toEqual([]);
});
