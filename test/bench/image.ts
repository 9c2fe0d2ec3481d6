// bench: the flashable image for virtual machines: how long it takes to make, what it weighs, and how soon it answers under emulation.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { freePort } from '../helpers/ports.ts';
import { ROOT } from '../helpers/root.ts';
import { diskOf } from '../os/harness/disk.ts';
import { Machine } from '../os/harness/machine.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { median } from './measure.ts';

const STARTS = 3;
const megabytes = (file: string): number => statSync(file).size / 1e6;
/** The build is plain JavaScript, and finds its files beside itself: so it is not bundled with this. */
const load = (name: string) => import(pathToFileURL(join(ROOT, 'image/os', name)).href);
const load1 = (): string => `load ${loadavg()[0]?.toFixed(1)}`;

interface Parts {
  'root.squashfs': string;
  vmlinuz: string;
  initrd: string;
}

/** Makes the files of a slot, and says how long that took with a base that is kept. */
async function partsIn(folder: string, level: number): Promise<{ parts: Parts; seconds: number }> {
  const { makeParts } = await load('build.mjs');
  const { BOARDS, CARRIED } = await load('boards.mjs');
  const { updateKey } = await load('bundle.mjs');
  const { buildPacks } = await load('../executables/pack.mjs');
  const packs = await buildPacks(BOARDS.vm.node, CARRIED);
  mkdirSync(folder);
  const startedAt = performance.now();
  const parts: Parts = makeParts(BOARDS.vm, { folder, key: updateKey(), level, packs });
  return { parts, seconds: (performance.now() - startedAt) / 1_000 };
}

async function* sizes(dir: string, level: number): AsyncGenerator<Figure, string> {
  const { baseOf, lockOf } = await load('base.mjs');
  const { BOARDS } = await load('boards.mjs');
  const { makeVmDisk } = await load('vm.mjs');
  const { sha256Of } = await load('disk.mjs');
  baseOf(BOARDS.vm);
  const { parts, seconds } = await partsIn(join(dir, 'one'), level);
  yield {
    name: 'build, with a base that is kept',
    value: seconds,
    unit: 's',
    note: `squashfs zstd-${level}; ${load1()}`,
  };
  const { parts: again } = await partsIn(join(dir, 'two'), level);
  const differing = Object.values(parts).filter((file, i) => sha256Of(file) !== sha256Of(Object.values(again)[i]));
  const note = `SHA-256 of the root ${sha256Of(parts['root.squashfs']).slice(0, 16)}…`;
  yield { name: 'parts that differ between two builds', value: differing.length, unit: 'files', atMost: 0, note };
  yield { name: 'initramfs', value: megabytes(parts.initrd), unit: 'MB', atMost: 3 };
  yield { name: 'root (squashfs)', value: megabytes(parts['root.squashfs']), unit: 'MB' };
  const { takenAt } = lockOf(BOARDS.vm);
  const raw: string = makeVmDisk({ folder: join(dir, 'one'), parts, version: '0', takenAt });
  const held = `${((statSync(raw).blocks * 512) / 1e6).toFixed(0)} MB of it are not empty`;
  yield { name: 'disk, raw', value: megabytes(raw), unit: 'MB', note: held };
  const qcow = join(dir, 'disk.qcow2');
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', '-o', 'compression_type=zstd', raw, qcow]);
  yield { name: 'download, qcow2', value: megabytes(qcow), unit: 'MB', atMost: 130 };
  execFileSync('zstd', ['-q', '-3', raw, '-o', join(dir, 'raw.zst')]);
  yield { name: 'download, raw.zst', value: megabytes(join(dir, 'raw.zst')), unit: 'MB', atMost: 130 };
  return raw;
}

/** Seconds from power on to the first answer of the dashboard's port, and processor seconds. */
async function startOf(raw: string, dir: string): Promise<{ seconds: number; cpu: number; resident: number }> {
  mkdirSync(dir);
  const machine = new Machine({ disk: diskOf(raw, join(dir, 'disk.raw')), folder: dir, port: await freePort() });
  try {
    await machine.healthy();
    const seconds = (performance.now() - machine.startedAt) / 1_000;
    const cpu = machine.cpuSeconds();
    await machine.says(/memory taken \d+ MiB/);
    return { seconds, cpu, resident: memoryOf(machine.console()) };
  } finally {
    await machine.cut();
  }
}

/** What the health unit says of the memory that is taken, MiB. */
const memoryOf = (said: string): number => Number(/memory taken (\d+) MiB/.exec(said)?.[1] ?? Number.NaN);

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const dir = makeDirectory('reeve-bench-');
  try {
    const raw = yield* sizes(dir, isQuick ? 3 : 15);
    const all = [];
    for (let i = 0; i < (isQuick ? 1 : STARTS); i++) all.push(await startOf(raw, join(dir, `start-${i}`)));
    const each = all.map(({ seconds }) => seconds.toFixed(1)).join(', ');
    const note = `TCG, 2 virtual processors, 1 GiB, BIOS; ${each} s; ${median(all.map(({ cpu }) => cpu)).toFixed(0)} s of processor time; ${load1()}`;
    yield {
      name: 'power on to dashboard',
      value: median(all.map(({ seconds }) => seconds)),
      unit: 's',
      atMost: 45,
      note,
    };
    const memory = median(all.map(({ resident }) => resident));
    yield {
      name: 'memory taken in the machine',
      value: memory,
      unit: 'MiB',
      note: 'MemTotal less MemAvailable, once its slot is good',
    };
  } finally {
    removeDirectory(dir);
  }
}
