import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { baseOf, lockOf } from '../../../image/os/base.mjs';
import { BOARDS } from '../../../image/os/boards.mjs';
import { aboutOf, makeParts } from '../../../image/os/build.mjs';
import { makeBundle, updateKey } from '../../../image/os/bundle.mjs';
import { sha256Of } from '../../../image/os/disk.mjs';
import { makeVmDisk } from '../../../image/os/vm.mjs';
import { ensureBuilt } from '../../../image/prepare.mjs';
import { makeDirectory, removeDirectory } from '../../helpers/directories.ts';

export interface Built {
  folder: string;
  /** The disk of the image. */
  raw: string;
  version: string;
  /** Update to the same version with another number. */
  good: string;
  goodVersion: string;
  /** Signed, but its appliance does not start. */
  broken: string;
  brokenVersion: string;
  /** Signed, but its root is no file system. */
  corrupt: string;
  corruptVersion: string;
  /** SHA-256 of each part of the image itself. */
  hashes: Record<string, string>;
}

declare module 'vitest' {
  interface ProvidedContext {
    built: Built;
  }
}

let folder = '';
const PROGRAMS = 'usr/lib/reeve/dist/appliance';
const board = BOARDS.vm;

/** Root and bundle of a version; `change` alters the root. */
function variant(name: string, version: string, change: (root: string) => void) {
  const place = join(folder, name);
  mkdirSync(place);
  const key = updateKey(join(folder, 'key.pem'));
  const parts = makeParts(board, { folder: place, key, level: 3, base: baseOf(board), change });
  const file = join(folder, `${name}.update`);
  makeBundle({ file, folder: place, parts, about: { ...aboutOf(board), version }, key });
  return { place, parts, file };
}

/** Everything says the version of package.json: in a root that is to be another, it is written anew. */
function renumber(root: string, version: string): void {
  writeFileSync(join(root, 'usr/share/reeve/version'), `${version}\n`);
  const programs = join(root, PROGRAMS);
  const own = `version:"${aboutOf(board).version}"`;
  const files = readdirSync(programs).map((name) => join(programs, name));
  const telling = files.filter((file) => readFileSync(file, 'utf8').includes(own));
  if (telling.length === 0) throw new Error(`no program of the appliance says ${own}`);
  for (const file of telling) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(own, `version:"${version}"`));
}

export async function setup(project: TestProject): Promise<void> {
  await ensureBuilt();
  folder = makeDirectory('reeve-image-');
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(folder, 'key.pem')]);
  const { version } = aboutOf(board);
  const [goodVersion, brokenVersion, corruptVersion] = ['9.1.0', '9.2.0', '9.3.0'];
  const first = variant('first', version, () => undefined);
  const raw = makeVmDisk({ folder: first.place, parts: first.parts, version, takenAt: lockOf(board).takenAt });
  const good = variant('good', goodVersion, (root) => renumber(root, goodVersion));
  const broken = variant('broken', brokenVersion, (root) =>
    writeFileSync(join(root, PROGRAMS, 'main.js'), 'process.exit(3);\n'),
  );
  const noRoot = join(folder, 'corrupt');
  mkdirSync(noRoot);
  writeFileSync(join(noRoot, 'root.squashfs'), Buffer.alloc(1024 ** 2, 7));
  const corrupt = join(folder, 'corrupt.update');
  makeBundle({
    file: corrupt,
    folder: noRoot,
    parts: { ...first.parts, 'root.squashfs': join(noRoot, 'root.squashfs') },
    about: { ...aboutOf(board), version: corruptVersion },
    key: updateKey(join(folder, 'key.pem')),
  });
  project.provide('built', {
    ...{ folder, raw, version, good: good.file, goodVersion, broken: broken.file, brokenVersion },
    ...{ corrupt, corruptVersion },
    hashes: Object.fromEntries(Object.entries(first.parts).map(([name, file]) => [name, sha256Of(file)])),
  });
}

export function teardown(): void {
  if (folder && existsSync(folder)) removeDirectory(folder);
}
