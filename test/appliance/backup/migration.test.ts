import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBackup } from '../../../appliance/backup/make.ts';
import { prepareRestore } from '../../../appliance/backup/restore.ts';
import { checkDirectory } from '../../../appliance/store/check.ts';
import type { FormatStep } from '../../../appliance/store/format.ts';
import { linesWithoutSealed } from '../../../appliance/store/nedb/unsealed.ts';
import { swapInRestored } from '../../../appliance/store/swap.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PASSPHRASE = 'a passphrase of long ago';
/** What a later Reeve might do to older data. */
const later: FormatStep = {
  to: 2,
  title: 'a file more',
  run: async (dir) => writeFileSync(join(dir, 'docs', 'added.db'), ''),
};

async function backupOfOldData(dataFormat: number) {
  const data = temporaryDirectory();
  const reeve = await startInProcess({ data });
  await reeve.setUp();
  await reeve.stop();
  const file = join(temporaryDirectory(), 'old.reeve');
  await makeBackup({
    dataDir: data,
    file,
    passphrase: PASSPHRASE,
    dataKey: randomBytes(32),
    about: {
      version: '0.0.1',
      dataFormat,
      applianceId: JSON.parse(readFileSync(join(data, 'appliance.json'), 'utf8')).id,
      madeAt: Date.now(),
    },
    still: (work) => work(),
    check: (dir) => checkDirectory({ dir, log: silent, kinds: [] }),
    freeBytes: async () => 1e12,
    withoutSealed: linesWithoutSealed,
  });
  return { data, file };
}

const restore = (dir: string, file: string, freeBytes = 1e12) =>
  prepareRestore({
    dataDir: dir,
    file,
    passphrase: PASSPHRASE,
    master: randomBytes(32),
    newestFormat: later.to,
    by: 'test',
    now: Date.now(),
    check: (place) => checkDirectory({ dir: place, log: silent, kinds: [], steps: [later] }),
    freeBytes: async () => freeBytes,
  });

test('a backup of an older Reeve is brought to the newest format before it takes its place', async () => {
  const { file } = await backupOfOldData(1);
  const dir = temporaryDirectory();
  await restore(dir, file);
  await swapInRestored({ dir, log: silent, now: Date.now });
  expect(JSON.parse(readFileSync(join(dir, 'format.json'), 'utf8'))).toEqual({ format: 2 });
  expect(readdirSync(join(dir, 'docs'))).toContain('added.db');
  expect(readdirSync(dir).filter((name) => name.startsWith('before-format'))).toEqual([]);
}, 60_000);

test('a backup of a newer Reeve, and one for which the disk has no room, are refused with nothing left behind', async () => {
  const { file } = await backupOfOldData(3);
  const dir = temporaryDirectory();
  await expect(restore(dir, file)).rejects.toThrow(/newer Reeve \(format 3/);
  const old = await backupOfOldData(1);
  await expect(restore(dir, old.file, 1_000)).rejects.toThrow(/are needed/);
  expect(readdirSync(dir)).toEqual([]);
}, 60_000);
