// The initramfs: busybox, the modules that a board needs to find its disks, and initramfs/init. Made here, for any architecture.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { run } from './run.mjs';

const nameOf = (path) => basename(path).split('.ko')[0].replaceAll('-', '_');

/**
 * Paths of the modules that `wanted` names, and of all that these need, from the text of modules.dep. A word with a `/` at its end takes
 * a whole folder. What the kernel has built in, or this kernel does not have, is left out.
 */
export function modulesOf(dependencies, wanted) {
  const needs = new Map(
    dependencies
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(':'))
      .map(([path, rest]) => [path, rest.trim().split(/\s+/).filter(Boolean)]),
  );
  const isWanted = (path) =>
    wanted.some((word) => (word.endsWith('/') ? `/${path}`.includes(`/${word}`) : nameOf(path) === nameOf(word)));
  const found = [...needs.keys()].filter(isWanted);
  return [...new Set(found.flatMap((path) => [path, ...needs.get(path)]))].sort();
}

function copyModules(from, to, wanted) {
  mkdirSync(to, { recursive: true });
  const paths = modulesOf(readFileSync(join(from, 'modules.dep'), 'utf8'), wanted);
  for (const path of paths) {
    const target = join(to, path.replace(/\.xz$/, ''));
    mkdirSync(dirname(target), { recursive: true });
    if (path.endsWith('.xz')) writeFileSync(target, run('xz', ['--decompress', '--stdout', join(from, path)]));
    else copyFileSync(join(from, path), target);
  }
  for (const name of ['modules.builtin', 'modules.order']) copyFileSync(join(from, name), join(to, name));
  return paths.length;
}

/** Writes `file`: the initramfs for a kernel `version` whose modules are in `root`. Answers how many modules it has. */
export function makeInitramfs({ root, version, modules, file, takenAt }) {
  const folder = mkdtempSync(join(tmpdir(), 'reeve-initramfs-'));
  try {
    const place = join(folder, 'usr/lib/modules', version);
    mkdirSync(join(folder, 'bin'));
    cpSync(join(root, 'usr/bin/busybox'), join(folder, 'bin/busybox'));
    cpSync(join(ROOT, 'image/os/initramfs/init'), join(folder, 'init'));
    const count = copyModules(join(root, 'usr/lib/modules', version), place, modules);
    run('ln', ['-s', 'usr/lib', join(folder, 'lib')]);
    run('depmod', ['-b', folder, version]);
    const useless = ['order', 'symbols', 'symbols.bin', 'devname', 'builtin', 'softdep', 'weakdep'];
    for (const name of useless) rmSync(join(place, `modules.${name}`), { force: true });
    const script = `set -eu
chmod 755 init bin/busybox
find . -exec touch --no-dereference --date=@${takenAt} {} +
find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --create --format=newc --reproducible --owner=+0:+0 | zstd -q -19 --single-thread -o "$1" -f`;
    run('sh', ['-c', script, 'pack', file], { cwd: folder });
    return count;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
