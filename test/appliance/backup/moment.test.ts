import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdMoment } from '../../../appliance/backup/moment.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

test('a moment is held without symbolic links, which not every file system and not every user has', async () => {
  const dir = temporaryDirectory();
  for (const folder of ['docs', 'history/log']) mkdirSync(join(dir, folder), { recursive: true });
  for (const name of ['docs/hosts.db', 'history/log/a.db']) writeFileSync(join(dir, name), `${name}\n`);
  const moment = await holdMoment({ dataDir: dir, scratch: join(dir, 'backup.part'), still: (work) => work() });
  const all = readdirSync(dir, { recursive: true, withFileTypes: true });
  expect(all.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name)).toEqual([]);
  const said = moment.files.map(({ path, file }) => [path, readFileSync(file, 'utf8')]);
  expect(said.sort()).toEqual([
    ['docs/hosts.db', 'docs/hosts.db\n'],
    ['history/log/a.db', 'history/log/a.db\n'],
  ]);
  await moment.release();
  expect(
    readdirSync(dir)
      .concat(readdirSync(join(dir, 'history')))
      .sort(),
  ).toEqual(['docs', 'history', 'log']);
});
