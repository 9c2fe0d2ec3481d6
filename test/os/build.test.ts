import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { baseOf, lockOf } from '../../image/os/base.mjs';
import { BOARDS } from '../../image/os/boards.mjs';
import { makeParts } from '../../image/os/build.mjs';
import { updateKey } from '../../image/os/bundle.mjs';
import { sha256Of } from '../../image/os/disk.mjs';
import { makeVmDisk } from '../../image/os/vm.mjs';
import { temporaryDirectory } from '../helpers/temporary.ts';

const built = inject('built');

// Two minutes and no more: the packages are fetched and unpacked anew too, so that nothing of the first build is in the second.
it('two builds of the same sources, from the packages on, give the same root, kernel, initramfs and disk', () => {
  const folder = join(temporaryDirectory('reeve-os-'), 'again');
  mkdirSync(folder);
  const base = baseOf(BOARDS.vm, { kept: join(folder, 'bases') });
  const key = updateKey(join(built.folder, 'key.pem'));
  let started: string[] = [];
  const change = (root: string) => {
    started = readdirSync(join(root, 'etc/systemd/system/multi-user.target.wants'));
  };
  const parts = makeParts(BOARDS.vm, { folder, key, level: 3, base, change });
  expect(started).toContain('reeve.service');
  expect(started, 'SSH is off until somebody switches it on').not.toContain('ssh.service');
  const hashes = Object.fromEntries(Object.entries(parts).map(([name, file]) => [name, sha256Of(file)]));
  expect(hashes).toEqual(built.hashes);
  expect(statSync(parts.initrd ?? '').size).toBeLessThanOrEqual(3e6);
  const raw = makeVmDisk({ folder, parts, version: built.version, takenAt: lockOf(BOARDS.vm).takenAt });
  expect(sha256Of(raw)).toBe(sha256Of(built.raw));
});
