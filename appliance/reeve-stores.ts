import path from 'node:path';
import type { Outside } from './cli/history.ts';
import { UsageError } from './cli/words.ts';
import { openStores, type Stores } from './store/open.ts';
import { AddressError, parseAddress, type StoreAddress } from './store/postgres/address.ts';
import type { StoreLog } from './store/store-log.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Whoever types a command does not wait for a server that may come up. */
export const PATIENCE_MS = 5_000;

/** The database of an address; `said` is where it was said. Fails with `UsageError`. */
export function databaseOf(text: string, said: string, { REEVE_STORE_PASSWORD }: NodeJS.ProcessEnv): StoreAddress {
  try {
    return parseAddress(text, REEVE_STORE_PASSWORD || undefined);
  } catch (error) {
    if (error instanceof AddressError) throw new UsageError(`${said}: ${error.message}`);
    throw error;
  }
}

/** The database that the environment names, if it does. Fails with `UsageError`. */
export const storeOf = (env: NodeJS.ProcessEnv): StoreAddress | undefined =>
  env.REEVE_STORE ? databaseOf(env.REEVE_STORE, 'REEVE_STORE', env) : undefined;

/** Opens documents and history of a data directory that is held, where the environment says that they are. */
export const openStoresOf = (dir: string, env: NodeJS.ProcessEnv, log: StoreLog = silent): Promise<Stores> =>
  openStores({ dir: path.resolve(dir), address: storeOf(env), log, patienceMs: PATIENCE_MS });

/** A log whose lines are read by whoever typed the command. */
export function toldTo({ say }: Outside): StoreLog {
  const tell = (_fields: object, text: string): void => say(`${text}.\n`);
  return { info: tell, warn: tell, error: tell };
}
