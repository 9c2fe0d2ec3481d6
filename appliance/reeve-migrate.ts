import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Trail } from './access/trail/trail.ts';
import type { Outside } from './cli/history.ts';
import type { MigrateCommand } from './cli/migrate-words.ts';
import { UsageError } from './cli/words.ts';
import { openClock } from './clock.ts';
import { openKeys } from './data-key.ts';
import { databaseOf, PATIENCE_MS, storeOf, toldTo } from './reeve-stores.ts';
import { openDataDirectory } from './store/directory.ts';
import { needFiles, stayWithFiles } from './store/move/leave.ts';
import { isInDatabase, leaveStores, openStores, type Stores } from './store/open.ts';
import type { StoreAddress } from './store/postgres/address.ts';
import type { StoreLog } from './store/store-log.ts';

interface Doing {
  dir: string;
  env: NodeJS.ProcessEnv;
  outside: Outside;
  log: StoreLog;
  now: () => number;
}

/** `reeve migrate`: moves documents and history between files and a database; answers with the exit code. */
export async function runMigrate(
  { data, to }: MigrateCommand,
  env: NodeJS.ProcessEnv,
  outside: Outside,
): Promise<number> {
  const dir = path.resolve(data);
  const address = to === 'files' ? undefined : databaseOf(to, '--to', env);
  await stat(path.join(dir, 'format.json')).catch(() => {
    throw new UsageError(`There is no data of an appliance in ${dir}: say where it is with --data or REEVE_DATA`);
  });
  const log = toldTo(outside);
  const lock = await openDataDirectory({ dir, log });
  try {
    const { now } = await openClock(dir);
    const doing = { dir, env, outside, log, now };
    await (address ? intoDatabase(address, doing) : intoFiles(doing));
    return 0;
  } finally {
    await lock.release();
  }
}

async function intoDatabase(address: StoreAddress, doing: Doing): Promise<void> {
  const { dir, outside, log, now } = doing;
  const wasThere = await isInDatabase(dir);
  const stores = await openStores({ dir, address, log, now, patienceMs: PATIENCE_MS });
  try {
    if (wasThere) return outside.say(`They are in ${stores.place} already.\n`);
    await note(stores, stores.place, doing);
    const { user, host, port, database } = address;
    outside.say(
      `Done. From now on start the appliance with its address: REEVE_STORE=postgres://${user}@${host}:${port}/${database}\n`,
    );
  } finally {
    await stores.close();
  }
}

async function intoFiles(doing: Doing): Promise<void> {
  const { dir, env, outside, log, now } = doing;
  if (!(await isInDatabase(dir))) return outside.say('They are files already.\n');
  const address = storeOf(env);
  if (address) await leaveStores({ dir, address, log, now, patienceMs: PATIENCE_MS });
  else if (!(await stayWithFiles(dir, log))) await needFiles(dir, log);
  const stores = await openStores({ dir, log, now });
  try {
    await note(stores, 'files', doing);
    outside.say('Done. From now on start the appliance without REEVE_STORE.\n');
  } finally {
    await stores.close();
  }
}

async function note({ documents }: Stores, to: string, { dir, env, log, now }: Doing): Promise<void> {
  const { seal } = await openKeys(dir, { fromEnvironment: env.REEVE_KEY || undefined, mayBegin: false });
  const trail = await Trail.open({ documents, seal, log, now });
  trail.record({ at: now(), who: 'console', from: '', what: 'data.moved', detail: { to } });
  await trail.settled();
}
