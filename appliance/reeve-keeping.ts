import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import pkg from '../package.json' with { type: 'json' };
import { makeBackup, megabytes } from './backup/make.ts';
import { prepareRestore } from './backup/restore.ts';
import type { Outside } from './cli/history.ts';
import type { KeepingCommand } from './cli/keeping-words.ts';
import { runJobByApi } from './cli/run-job.ts';
import { UsageError } from './cli/words.ts';
import { openClock } from './clock.ts';
import { openKeys, rotateMaster } from './data-key.ts';
import { openIdentity } from './identity.ts';
import { openStoresOf } from './reeve-stores.ts';
import { openMaster } from './seal.ts';
import { checkDirectory } from './store/check.ts';
import { openDataDirectory } from './store/directory.ts';
import { DataDirectoryError } from './store/errors.ts';
import { newestFormat } from './store/format.ts';
import { linesWithoutSealed } from './store/nedb/unsealed.ts';
import { isInDatabase } from './store/open.ts';
import { swapInRestored } from './store/swap.ts';
import { freeBytesOf } from './wear.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Doing {
  dir: string;
  env: NodeJS.ProcessEnv;
  outside: Outside;
}

/** Commands about backups, keys and jobs; answers with the exit code. */
export async function runKeeping(command: KeepingCommand, env: NodeJS.ProcessEnv, outside: Outside): Promise<number> {
  const dir = path.resolve(command.data);
  if (command.do === 'run') return runJobByApi({ ...(await runningAppliance(dir, env, outside)), job: command.job });
  if (command.do !== 'restore') await needData(dir);
  const lock = await openDataDirectory({ dir, log: silent });
  try {
    const doing = { dir, env, outside };
    if (command.do === 'rotate-key') return await rotate(doing);
    const passphrase = await passphraseOf(command, doing);
    const file = path.resolve(command.file);
    return await (command.do === 'backup' ? backup(file, passphrase, doing) : restore(file, passphrase, doing));
  } finally {
    await lock.release();
  }
}

/** Where the appliance with this data runs, who asks it, and where answers go. */
export async function runningAppliance(dir: string, env: NodeJS.ProcessEnv, { stdout }: Outside) {
  const url = await urlOf(path.resolve(dir), env);
  return { url, apiKey: env.REEVE_API_KEY, say: (said: string) => void stdout.write(said) };
}

async function needData(dir: string): Promise<void> {
  await stat(path.join(dir, 'format.json')).catch(() => {
    throw new UsageError(`There is no data of an appliance in ${dir}: say where it is with --data or REEVE_DATA`);
  });
}

async function urlOf(dir: string, { REEVE_URL }: NodeJS.ProcessEnv): Promise<string> {
  if (REEVE_URL) return REEVE_URL.replace(/\/$/, '');
  const run = await readFile(path.join(dir, 'run.json'), 'utf8').catch(() => {
    throw new UsageError(`No appliance runs with the data in ${dir}: start it, or say where it is with REEVE_URL`);
  });
  return `http://127.0.0.1:${Number((JSON.parse(run) as { httpPort?: unknown }).httpPort)}`;
}

async function passphraseOf(
  { passphraseFile }: { passphraseFile?: string },
  { env, outside }: Doing,
): Promise<string | undefined> {
  if (passphraseFile === undefined) return env.REEVE_BACKUP_PASSPHRASE || undefined;
  const read = passphraseFile === '-' ? text(outside.stdin) : readFile(passphraseFile, 'utf8');
  const [line = ''] = (await read).split(/\r?\n/);
  if (line === '') throw new UsageError('The passphrase is empty: its file holds it in the first line');
  return line;
}

async function backup(file: string, passphrase: string | undefined, { dir, env, outside }: Doing): Promise<number> {
  const { now } = await openClock(dir);
  const { dataKey } = await openKeys(dir, { fromEnvironment: env.REEVE_KEY || undefined, mayBegin: false });
  const applianceId = await openIdentity(dir, now(), false);
  const stores = await openStoresOf(dir, env);
  const made = await makeBackup({
    dataDir: dir,
    file,
    passphrase,
    dataKey,
    about: { version: pkg.version, dataFormat: newestFormat(), applianceId, madeAt: now() },
    still: (work) => work(),
    check: (place, signal) => checkDirectory({ dir: place, log: silent, kinds: [], signal }),
    freeBytes: freeBytesOf,
    withoutSealed: linesWithoutSealed,
    inDatabase: stores.files,
  }).finally(() => stores.close());
  outside.say(`${file}: ${megabytes(made.bytes)}, ${made.files} files, checked.\n`);
  if (!passphrase)
    outside.say('It holds no keys, accounts, pairings or secrets: set REEVE_BACKUP_PASSPHRASE to have them in it.\n');
  return 0;
}

async function restore(file: string, passphrase: string | undefined, { dir, env, outside }: Doing): Promise<number> {
  const { now } = await openClock(dir);
  const { madeAt } = await prepareRestore({
    dataDir: dir,
    file,
    passphrase,
    master: await openMaster(dir, { fromEnvironment: env.REEVE_KEY || undefined }),
    newestFormat: newestFormat(),
    by: 'console',
    now: now(),
    check: (place, signal) => checkDirectory({ dir: place, log: silent, kinds: [], signal }),
    freeBytes: freeBytesOf,
    inDatabase: (await isInDatabase(dir)) ? { documents: documentsOf({ dir, env, outside }) } : undefined,
  });
  await swapInRestored({ dir, log: silent, now });
  outside.say(`The backup of ${new Date(madeAt).toISOString()} is in ${dir}. Start the appliance.\n`);
  return 0;
}

/** Writes what a restore leaves as it is; when the database was lost there is nothing of it. */
const documentsOf =
  ({ dir, env, outside }: Doing) =>
  async (folder: string, isWanted: (kind: string) => boolean): Promise<void> => {
    const stores = await openStoresOf(dir, env).catch((error) => {
      if (error instanceof DataDirectoryError && error.code === 'gone') return undefined;
      throw error;
    });
    if (!stores) return outside.say('The database is empty: accounts, pairings and keys of before are not kept.\n');
    await stores.files?.documents(folder, isWanted).finally(() => stores.close());
  };

async function rotate({ dir, env, outside }: Doing): Promise<number> {
  const next = env.REEVE_NEW_KEY || undefined;
  const fromEnvironment = env.REEVE_KEY || undefined;
  if (next && !/^[0-9a-f]{64}$/i.test(next))
    throw new UsageError('REEVE_NEW_KEY: 32 bytes in hex (openssl rand -hex 32)');
  if (fromEnvironment && !next)
    throw new UsageError('The master key comes from REEVE_KEY: say the new one in REEVE_NEW_KEY, 32 bytes in hex');
  await rotateMaster(dir, { fromEnvironment, next });
  outside.say(
    fromEnvironment
      ? 'Done. From now on start the appliance with the new key as REEVE_KEY; the former one opens nothing here.\n'
      : 'Done. The file "key" holds a new master key; the former one opens nothing here.\n',
  );
  const copies = (await readdir(dir)).filter((name) => /^before-(?!postgres-)/.test(name));
  if (copies.length > 0)
    outside.say(
      `The former key is still in these copies: ${copies.join(', ')}. Delete them when you need them no more.\n`,
    );
  return 0;
}
