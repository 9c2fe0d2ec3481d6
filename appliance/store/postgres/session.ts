import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Client, ClientConfig, CustomTypesConfig, QueryResult } from 'pg';
import { Turns } from '../../turns.ts';
import { errnoOf } from '../errors.ts';
import { placeOf, type StoreAddress } from './address.ts';
import type { Query, Row } from './database.ts';
import { filedPassword } from './password-file.ts';
import { LateError, troubleOf } from './trouble.ts';

/** How a connection is made. */
export interface Target {
  readonly address: StoreAddress;
  /** How long a statement or the way to the server may take, in ms. */
  readonly limitMs: number;
}

/** One connection. Statements run in the order they were asked for; each fails with `StorageError`. */
export interface Session {
  /** The server's process for it. */
  readonly pid: number;
  readonly query: Query;
  /** One statement; answers with what the server says that it did, as `COMMIT`. */
  command(text: string): Promise<string>;
  isLost(): boolean;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it at once, with the statement that is under way. */
  destroy(): void;
  close(): Promise<void>;
}

const BIGINT = 20;
const CLOSE_MS = 2_000;

/** Connects and sets what every statement relies on. Fails with `StorageError`. */
export async function openSession({ address, limitMs }: Target): Promise<Session> {
  const client = await connected(address, limitMs);
  const turns = new Turns();
  let lost = false;
  const ended = new Promise<void>((resolve) => {
    client.once('end', () => {
      lost = true;
      resolve();
    });
  });
  const destroy = (): void => {
    lost = true;
    streamOf(client).destroy();
  };
  const run = (text: string, values: readonly unknown[] = []): Promise<QueryResult> =>
    turns.run(async () => {
      const late = new LateError(`it did not answer within ${limitMs / 1_000} s`);
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        destroy();
      }, limitMs);
      try {
        return await client.query(text, [...values]);
      } catch (error) {
        throw troubleOf(`${placeOf(address)} could not be used`, isLate ? late : error);
      } finally {
        clearTimeout(timer);
      }
    });
  const session: Session = {
    pid: Reflect.get(client, 'processID') as number,
    query: async <R extends Row>(text: string, values?: readonly unknown[]) => (await run(text, values)).rows as R[],
    command: async (text) => (await run(text)).command,
    isLost: () => lost,
    ended,
    destroy,
    async close() {
      const timer = setTimeout(destroy, CLOSE_MS);
      client.end().catch(() => undefined);
      await ended;
      clearTimeout(timer);
    },
  };
  await session.query(SETTINGS, [String(Math.ceil(limitMs * 0.9))]).catch((error) => {
    destroy();
    throw error;
  });
  return session;
}

/**
 * A commit is on the server's disk when it is answered; what the database's or the user's own settings say may be less. A server that
 * waits longer than we do gives up by itself, and it notices within a minute when this machine is gone.
 */
const SETTINGS = `select
  set_config('synchronous_commit', case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, false),
  set_config('statement_timeout', $1, false),
  set_config('search_path', 'pg_catalog', false),
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('bytea_output', 'hex', false),
  set_config('jit', 'off', false),
  set_config('tcp_keepalives_idle', '30', false),
  set_config('tcp_keepalives_interval', '10', false),
  set_config('tcp_keepalives_count', '3', false)`;

async function connected(address: StoreAddress, limitMs: number): Promise<Client> {
  const what = `${placeOf(address)} cannot be reached`;
  try {
    // Loaded here, because most appliances keep files and never need it.
    const { default: pg } = await import('pg');
    const client = new pg.Client(await configurationOf(address, Math.min(limitMs, 10_000), pg.types));
    // Without a listener an error of an idle connection would end the process; the statement under way, if any, hears of it too.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  } catch (error) {
    throw troubleOf(what, error);
  }
}

async function configurationOf(
  address: StoreAddress,
  connectionTimeoutMillis: number,
  types: { getTypeParser(oid: number, format?: 'text' | 'binary'): unknown },
): Promise<ClientConfig> {
  const { host, port, database, user, password, transport, rootCert } = address;
  const parsers = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === BIGINT ? Number : types.getTypeParser(oid, format),
  };
  return {
    host,
    port,
    database,
    user,
    password: async () => password?.() ?? (await filedPassword(address)) ?? '',
    ssl: transport === 'verified' && {
      rejectUnauthorized: true,
      ...(rootCert && { ca: await certificates(rootCert) }),
    },
    application_name: `reeve ${hostname().slice(0, 40)} ${process.pid}`,
    connectionTimeoutMillis,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: parsers as CustomTypesConfig,
  };
}

async function certificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`the file of ?sslrootcert= cannot be read (${errnoOf(error)}): name one with the CA’s certificate`);
  }
}

/** The driver has no word of its own for ending a connection whose server does not answer. */
const streamOf = (client: Client): { destroy(): void } =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
