import { link, open, readFile, readlink, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeDirectory, readIfThere, removeFile, syncDirectory } from './disk.ts';
import { DataDirectoryError, errnoOf } from './errors.ts';
import { giveLife, isAlive as isListening, type Life } from './life.ts';

const LOCK = 'LOCK';

/** Who holds a data directory. A pid alone comes back after a reboot or in a new container, so boot and start time stand beside it. */
const holder = z.object({
  pid: z.number().int().min(1),
  bootId: z.string(),
  startedAt: z.string(),
  /** Namespace in which the pid counts; another container has another one. */
  pidSpace: z.string(),
  /** Socket file beside the lock that the holder listens on: what tells between containers. */
  socket: z
    .string()
    .regex(/^LOCK\.[0-9a-f]+\.sock$/)
    .exactOptional(),
});
type Holder = z.infer<typeof holder>;

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes the lock file of a data directory. Fails with `DataDirectoryError` `locked`, naming the process, while another one holds
 * it, also in another container on this machine; the lock of a process that is gone is taken over. NeDB itself has no lock: of
 * two openers one loses its writes.
 */
export async function lockDirectory(dir: string): Promise<DirectoryLock> {
  await makeDirectory(dir);
  // It listens before the lock can be seen, so that no lock ever looks dead while its holder begins.
  const life = await giveLife(dir);
  try {
    return await takeLock(dir, life);
  } catch (error) {
    await life?.end();
    throw error;
  }
}

async function takeLock(dir: string, life: Life | undefined): Promise<DirectoryLock> {
  const file = join(dir, LOCK);
  const mine = JSON.stringify({ ...(await whoIs(process.pid)), ...(life && { socket: life.name }) });
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await create(file, mine)) {
      return {
        release: async () => {
          await release(file, mine);
          await life?.end();
        },
      };
    }
    const text = await readIfThere(file);
    if (text === undefined) continue;
    const held = parse(text);
    if (held) await refuseIfAlive(dir, held);
    await discard(file, text);
    if (held?.socket) await removeFile(join(dir, held.socket));
  }
  throw new DataDirectoryError('locked', `${dir} is being opened by several processes at once; start one of them`);
}

async function refuseIfAlive(dir: string, held: Holder): Promise<void> {
  const isHere = held.pidSpace === (await whoIs(held.pid)).pidSpace;
  const isAlive = (held.socket && (await isListening(dir, held.socket))) || (await isRunning(held));
  if (!isAlive) return;
  const who = isHere
    ? `the process with pid ${held.pid}`
    : `a process in another container on this machine (pid ${held.pid} there)`;
  throw new DataDirectoryError(
    'locked',
    `${dir} is in use by ${who}. Two appliances on one data directory would destroy each ` +
      'other’s data: stop the other one, or give this one a directory of its own (REEVE_DATA).',
  );
}

/** The file appears with its content at once, so that nobody reads half of it. */
async function create(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
    await syncDirectory(join(file, '..'));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    if (!NO_LINKS.includes(errnoOf(error))) throw error;
    return createPlain(file, content);
  } finally {
    await removeFile(draft);
  }
}

/** FAT and some network shares know no second names. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS'];

async function createPlain(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead lock out of the way; if somebody else renewed it meanwhile, theirs is put back. */
async function discard(file: string, dead: string): Promise<void> {
  const aside = `${file}.${process.pid}.dead`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== dead) await link(aside, file);
  await removeFile(aside);
}

async function release(file: string, mine: string): Promise<void> {
  if ((await readIfThere(file)) === mine) await removeFile(file);
}

function parse(text: string): Holder | undefined {
  try {
    return holder.parse(JSON.parse(text));
  } catch {
    // A power cut can leave an empty or torn lock: its holder is gone.
    return undefined;
  }
}

async function isRunning(held: Holder): Promise<boolean> {
  const now = await whoIs(held.pid);
  if (held.bootId !== now.bootId || held.pidSpace !== now.pidSpace) return false;
  if (!exists(held.pid)) return false;
  return held.startedAt === now.startedAt;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Outside Linux the boot id and start time are empty, and the pid alone decides. */
async function whoIs(pid: number): Promise<Holder> {
  const bootId = (await readIfThere('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';
  const pidSpace = await readlink('/proc/self/ns/pid').catch(() => '');
  return { pid, bootId, startedAt: startOf(await readIfThere(`/proc/${pid}/stat`)), pidSpace };
}

/** Field 22 of proc(5) stat; the name in field 2 may hold spaces and brackets. */
function startOf(stat: string | undefined): string {
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
