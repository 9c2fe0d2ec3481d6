import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../../appliance/store/errors.ts';
import { openDocumentStore } from '../../../../appliance/store/nedb/documents.ts';
import { DurableFile } from '../../../../appliance/store/nedb/durable.ts';
import { FailingDisk } from '../../../helpers/failing-disk.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { documentsContract, thing, things } from '../documents-contract.ts';

const at = (dir: string, disk = new FailingDisk()) => openDocumentStore({ dir, log: keepingLog(), disk });

documentsContract('NeDB', () => {
  const dir = temporaryDirectory();
  return { open: () => at(dir) };
});

test('each kind has a file of its own below docs/', async () => {
  const dir = temporaryDirectory();
  const store = await at(dir);
  await store.collection(things);
  await store.collection({ ...things, name: 'other-things' });
  await store.close();
  expect(readdirSync(join(dir, 'docs')).sort()).toEqual(['other-things.db', 'things.db']);
});

test('a damaged line costs that document only, is named, and its bytes are kept', async () => {
  const dir = temporaryDirectory();
  const first = await at(dir);
  const collection = await first.collection(things);
  for (const id of ['a', 'b', 'c']) await collection.insert(thing(id));
  await first.close();
  const file = join(dir, 'docs', 'things.db');
  writeFileSync(file, readFileSync(file, 'utf8').replace('name of b', 'name of x'));
  const second = await at(dir);
  const ids = (await (await second.collection(things)).find({}, { sort: { by: 'id', order: 'up' } })).map(
    ({ id }) => id,
  );
  expect(ids).toEqual(['a', 'c']);
  expect(second.quarantined).toHaveLength(1);
  expect(readFileSync(second.quarantined[0]?.file ?? '', 'utf8')).toContain('name of x');
  await second.close();
});

test('a write that the disk refused leaves what can be read as it was, and works again later', async () => {
  const dir = temporaryDirectory();
  const disk = new FailingDisk();
  const store = await at(dir, disk);
  const collection = await store.collection(things);
  await collection.insert(thing('a'));
  disk.mode = 'torn';
  await expect(collection.update(thing('a', { name: 'new' }))).rejects.toBeInstanceOf(StorageError);
  await expect(collection.insert(thing('b'))).rejects.toBeInstanceOf(StorageError);
  await expect(collection.remove('a')).rejects.toBeInstanceOf(StorageError);
  expect(await collection.find()).toEqual([{ ...thing('a'), rev: 1 }]);
  disk.mode = 'works';
  expect(await collection.update(thing('a', { name: 'new' }), { ifRev: 1 })).toMatchObject({ rev: 2 });
  await store.close();
});

describe('documents that are gone', () => {
  const docs = (dir: string, name = 'things.db') => join(dir, 'docs', name);
  const lostIn = async (dir: string) => {
    const log = keepingLog();
    const store = await openDocumentStore({ dir, log });
    const collection = await store.collection(things);
    const { quarantined } = store;
    return { collection, lost: quarantined.map(({ file }) => file), reasons: quarantined, log, store };
  };
  const withOne = async () => {
    const dir = temporaryDirectory();
    const { collection, lost, store } = await lostIn(dir);
    expect(lost).toEqual([]);
    await collection.insert(thing('a'));
    await store.close();
    return dir;
  };

  test.each([
    ['missing file', (dir: string) => rmSync(docs(dir))],
    ['empty file', (dir: string) => writeFileSync(docs(dir), '')],
    ['missing folder', (dir: string) => rmSync(join(dir, 'docs'), { recursive: true })],
  ])('a %s that held documents is named at every start until it holds some again', async (_, lose) => {
    const dir = await withOne();
    lose(dir);
    for (let start = 0; start < 2; start++) {
      const { lost, reasons, log, store } = await lostIn(dir);
      expect(lost).toEqual([docs(dir)]);
      expect(reasons[0]?.reason).toContain('restore it from a backup');
      expect(JSON.stringify(log)).toContain('Documents are lost');
      await store.close();
    }
    const { collection, store } = await lostIn(dir);
    await collection.insert(thing('b'));
    await store.close();
    const after = await lostIn(dir);
    expect(after.lost).toEqual([]);
    await after.store.close();
  });

  test('a kind that never held a document, and one whose last was removed, are no loss, also when the file is tidied', async () => {
    const dir = await withOne();
    const { collection, store } = await lostIn(dir);
    await store.collection({ ...things, name: 'other-things' });
    await collection.remove('a');
    await store.close();
    const file = await DurableFile.open({ file: docs(dir), quarantine: dir, log: keepingLog(), now: Date.now });
    await file.compact();
    await file.close();
    expect(statSync(docs(dir)).size).toBeGreaterThan(0);
    expect(statSync(docs(dir, 'other-things.db')).size).toBe(0);
    const after = await lostIn(dir);
    expect(after.lost).toEqual([]);
    expect(await after.collection.find()).toEqual([]);
    await after.store.close();
  });

  test.each(['', '{"held":', '{"held":"x"}', '[]'])(
    'a damaged note (%j) stops nothing and is made anew',
    async (text) => {
      const dir = await withOne();
      writeFileSync(join(dir, 'collections.json'), text);
      const { lost, store } = await lostIn(dir);
      expect(lost).toEqual([]);
      await store.close();
      expect(JSON.parse(readFileSync(join(dir, 'collections.json'), 'utf8'))).toEqual({ held: ['things'] });
    },
  );
});
