import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StorageError } from '../../../../appliance/store/errors.ts';
import { openDocumentStore } from '../../../../appliance/store/nedb/documents.ts';
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
