// Runs where disks of their own are mounted on `history` and `docs` of a data directory: swaps restored data in while it is killed at
// many moments, takes hold of a moment for a backup, or asks how much room there is. Says what it found.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdMoment } from '../../../../appliance/backup/moment.ts';
import { roomOf } from '../../../../appliance/stages/room.ts';
import { swapInRestored } from '../../../../appliance/store/swap.ts';

const FILES = 400;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const [, program = '', dir = '', what = ''] = process.argv;
const names = [...Array(FILES).keys()]
  .map((n) => `history/raw/2h/${n}.db`)
  .concat('docs/users.db', 'key', 'format.json');

function fill(place: string, word: string, more: readonly string[] = []): void {
  for (const name of [...names, ...more]) {
    mkdirSync(join(place, name, '..'), { recursive: true });
    writeFileSync(join(place, name), `${word} ${name}\n`);
  }
}

const swap = (): Promise<boolean> => swapInRestored({ dir, log: silent, now: () => 1_800_000_000_000 });

/** Runs the swap in a process that is killed after `ms`; answers whether it came to its end before. */
const swapFor = (ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, dir, 'once'], { stdio: 'inherit' });
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });

/** Every file is there once, with what it should say; answers with what is wrong. */
function wrongIn(place: string, word: string): string[] {
  return names.filter((name) => {
    const file = join(place, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== `${word} ${name}\n`;
  });
}

function judgeSwap(): string[] {
  const [former = 'none'] = readdirSync(dir).filter((name) => name.startsWith('before-restore-'));
  const extra = ['history/raw/2h/only-before.db', 'restore', 'restore.part'].filter((name) =>
    existsSync(join(dir, name)),
  );
  const apart = ['history', 'docs'].filter((name) => statSync(join(dir, name)).dev === statSync(dir).dev);
  return [
    ...wrongIn(dir, 'restored'),
    ...wrongIn(join(dir, former), 'present'),
    ...extra.map((name) => `${name} is left`),
    ...apart.map((name) => `${name} has no disk of its own any more`),
  ];
}

async function killed(): Promise<string[]> {
  let kills = 0;
  for (let ms = 45; !(await swapFor(ms)); ms += 3) kills += 1;
  return kills > 3 ? judgeSwap() : [`only ${kills} kills`];
}

async function backup(): Promise<string[]> {
  const moment = await holdMoment({ dataDir: dir, scratch: join(dir, 'backup.part'), still: (work) => work() });
  const held = moment.files.map(({ path }) => path);
  const wrong = moment.files.filter(({ file, path }) => readFileSync(file, 'utf8') !== `present ${path}\n`);
  const copied = moment.files.filter(({ file, path }) => path.startsWith('history/') && statSync(file).nlink < 2);
  await moment.release();
  const left = ['backup.part', 'history/backup.part'].filter((name) => existsSync(join(dir, name)));
  const missing = names.filter((name) => name !== 'key' && !held.includes(name));
  return [...wrong, ...copied].map(({ path }) => path).concat(missing, left);
}

/** Of the disk of 64 MB under history, and not of what is around it. */
async function room(): Promise<string[]> {
  const free = await (await roomOf({ place: dir }, dir)).freeBytes();
  return free > 30e6 && free <= 64 * 1024 ** 2 ? [] : [`${free} bytes are free`];
}

const TRIALS: Record<string, () => Promise<string[]>> = { killed, backup, room, swap: () => swap().then(judgeSwap) };

async function main(): Promise<void> {
  if (what === 'once') return void (await swap());
  fill(dir, 'present', ['history/raw/2h/only-before.db']);
  if (what === 'swap' || what === 'killed') fill(join(dir, 'restore'), 'restored');
  const wrong = await TRIALS[what]?.();
  process.stdout.write(wrong?.length === 0 ? `${what} is right\n` : `${wrong?.slice(0, 5).join('\n')}\n`);
}

void main();
