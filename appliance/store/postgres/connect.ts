import { setTimeout as pause } from 'node:timers/promises';
import { DataDirectoryError, StorageError } from '../errors.ts';
import type { StoreLog } from '../store-log.ts';
import { placeOf, type StoreAddress } from './address.ts';
import type { Database, Query, Row } from './database.ts';
import type { MayUse } from './formats.ts';
import { Readers } from './readers.ts';
import type { Target } from './session.ts';
import { mayPass } from './trouble.ts';
import { inTransaction, Writer } from './writer.ts';

export interface DatabaseOptions {
  address: StoreAddress;
  log: StoreLog;
  /** How long a server that cannot be reached may take to come up, in ms; a minute by default. */
  patienceMs?: number;
  /** How long a single statement may take, in ms; 30 s by default. */
  limitMs?: number;
  /** Looks at a database before anything in it changes; fails where it is not to be used. */
  mayUse?: MayUse;
  /** Ends the waiting for a server; it then fails with an `AbortError`. */
  stopping?: AbortSignal | undefined;
}

const PAUSE_MS = 500;

/**
 * Opens a database for this process alone, and makes the tables where there are none. A server that is not there yet is waited for.
 * Fails with `StorageError`, or `DataDirectoryError` when another appliance uses it or a newer Reeve has written it; both with a
 * sentence for people.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { address, log, limitMs = 30_000 } = options;
  const target: Target = { address, limitMs };
  if (address.transport === 'plain')
    log.warn(
      { place: placeOf(address) },
      'The address of the database says sslmode=disable: everybody on the way can read and change what is sent',
    );
  const writer = await openWriter(target, options);
  const readers = new Readers(target);
  const write: Query = (text, values) => writer.run(({ query }) => query(text, values));
  return {
    write: write as Query,
    transaction: (work) => writer.run((session) => inTransaction(session, work)),
    read: <R extends Row>(text: string, values?: readonly unknown[]) =>
      readers.run(({ query }) => query<R>(text, values)),
    moment: (work) =>
      readers.run((session) =>
        inTransaction(session, async (query) => {
          await query('set transaction isolation level repeatable read, read only');
          return work(query);
        }),
      ),
    id: writer.about.id,
    place: placeOf(address),
    trouble: () => writer.trouble(),
    async close() {
      await readers.close();
      await writer.close();
    },
  };
}

async function openWriter(
  target: Target,
  { log, patienceMs = 60_000, mayUse, stopping }: DatabaseOptions,
): Promise<Writer> {
  const from = performance.now();
  const place = placeOf(target.address);
  let isTold = false;
  for (;;) {
    try {
      return await Writer.open(target, log, mayUse);
    } catch (error) {
      if (performance.now() - from >= Math.min(patienceMs, patienceWith(error))) throw error;
      const why = error instanceof Error ? error.message : String(error);
      if (!isTold) log.warn({ place, waitMs: patienceMs }, `Waiting for the database: ${why}`);
      isTold = true;
    }
    await pause(PAUSE_MS, undefined, { ...(stopping && { signal: stopping }) });
  }
}

/** How long it is worth to try again, in ms. The server may take a while to notice that the process before this one is gone. */
function patienceWith(error: unknown): number {
  if (error instanceof DataDirectoryError && error.code === 'locked') return 10_000;
  return error instanceof StorageError && mayPass(error) ? Number.POSITIVE_INFINITY : 0;
}
