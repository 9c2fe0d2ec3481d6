import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { BOARDS } from '../../image/os/boards.mjs';
import { makeParts } from '../../image/os/build.mjs';
import { updateKey } from '../../image/os/bundle.mjs';
import { sha256Of } from '../../image/os/disk.mjs';
import { temporaryDirectory } from '../helpers/temporary.ts';

const built = inject('built');

it('two builds of the same sources give the same root, kernel and initramfs', () => {
  const folder = join(temporaryDirectory('reeve-os-'), 'again');
  mkdirSync(folder);
  const parts = makeParts(BOARDS.vm, {
    folder,
    key: updateKey(join(built.folder, 'key.pem')),
    level: 3,
    change: () => undefined,
  });
  const hashes = Object.fromEntries(Object.entries(parts).map(([name, file]) => [name, sha256Of(file)]));
  expect(hashes).toEqual(built.hashes);
  expect(statSync(parts.initrd ?? '').size).toBeLessThanOrEqual(3e6);
});
