import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { makeDirectory, openToOthers, removeDirectory } from './directories.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

/** A real PostgreSQL server in a temporary folder, on a free port of 127.0.0.1 and on a Unix socket in `folder`. */
export interface PostgresServer {
  readonly port: number;
  /** Folder of the Unix socket; the data are below it. */
  readonly folder: string;
  /** Address of an empty database of the role `reeve`, with its password. It goes with the test, outside of one with the server. */
  database(): Promise<string>;
  /** Statements as superuser, outside of what is tested; rows as PostgreSQL's driver gives them. */
  sql(text: string, database?: string): Promise<Record<string, unknown>[]>;
  /** Nothing happens when it runs. */
  start(): Promise<void>;
  /** As an administrator stops it: connections are ended, everything is written. */
  stop(): Promise<void>;
  /** As a power cut ends it: every process of it at once. */
  kill(): Promise<void>;
  /** Stops every process of it without an end, as a machine that hangs; `thaw` lets them go on. */
  freeze(): void;
  thaw(): void;
  /** Ends it for good and takes its folder away. */
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** Lines for postgresql.conf, as `{ fsync: 'off' }`. */
  settings?: Record<string, string>;
  /** Certificate and key of the server, PEM; it then speaks TLS to those who ask. */
  tls?: { cert: string; key: string };
  port?: number;
  /** Folder that is there and in which the data go, on a disk of its own say; others must be able to get there. */
  disk?: string;
}

export const PASSWORD = 'a secret/with:odd@signs%';
const running = new Set<number>();

process.on('exit', () => {
  for (const pid of running) signalAll(pid, 'SIGKILL');
});

/** A server for all tests of a file, started before the first and ended after the last of them. */
export function usePostgres(options: PostgresOptions = {}): PostgresServer {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres(options);
  }, 60_000);
  afterAll(() => server?.close(), 60_000);
  return new Proxy({} as PostgresServer, {
    get(_, name) {
      if (!server) throw new Error('the server is there inside tests only');
      return Reflect.get(server, name);
    },
  });
}

/** Makes a cluster and starts it. Fails where Debian's package `postgresql` is not installed. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = makeDirectory('reeve-pg-');
  const data = join(options.disk ?? folder, 'data');
  const port = options.port ?? (await freePort());
  const owner = userOf();
  if (owner) chownSync(folder, owner.uid, owner.gid);
  openToOthers(folder);
  if (options.disk && owner) chownSync(options.disk, owner.uid, owner.gid);
  // Another language than ours sorts in another way: an order that forgets to say which is found out.
  const locale = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=de'];
  const how = ['-D', data, '-U', 'postgres', '--no-sync', '--auth-local=trust', '--auth-host=scram-sha-256', ...locale];
  execFileSync(programOf('initdb'), how, { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  configure({ folder, data, port, owner }, options);

  let pid = 0;
  const sql = async (text: string, database = 'postgres'): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ host: folder, port, user: 'postgres', database });
    await client.connect();
    try {
      return (await client.query(text)).rows ?? [];
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    if (pid && isRunning(pid)) return;
    pid = await launch({ folder, data, port, owner });
    running.add(pid);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const all = treeOf(pid);
    // None of them may see another one go.
    if (signal === 'SIGKILL') for (const each of ['SIGSTOP', 'SIGKILL'] as const) signalAll(pid, each);
    else if (pid) process.kill(pid, signal);
    await until(() => all.every((each) => !isRunning(each)), { what: 'PostgreSQL ends', timeoutMs: 30_000 });
    running.delete(pid);
    pid = 0;
  };
  const free: string[] = [];
  const fresh = async (): Promise<string> => {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await sql(`create database ${name} owner reeve`);
    return name;
  };
  await start();
  await sql(`create role reeve login password '${PASSWORD}'`);
  return {
    port,
    folder,
    sql,
    start,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    freeze: () => signalAll(pid, 'SIGSTOP'),
    thaw: () => signalAll(pid, 'SIGCONT'),
    database: async () => {
      const name = free.pop() ?? (await fresh());
      // A database takes a thousand files to make and to remove: the next test gets this one.
      whenTestFinished(async () => {
        if (!pid) return;
        await sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
        await sql('drop owned by reeve cascade', name);
        free.push(name);
      });
      return `postgres://reeve:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${name}`;
    },
    close: async () => {
      if (pid) await end('SIGKILL');
      removeDirectory(folder);
    },
  };
}

/** Outside a test there is no end to wait for. */
function whenTestFinished(task: () => Promise<void>): void {
  try {
    onTestFinished(task);
  } catch {
    // It is of a whole file.
  }
}

interface Place {
  folder: string;
  data: string;
  port: number;
  owner: { uid: number; gid: number } | undefined;
}

function configure({ folder, data, port, owner }: Place, { settings = {}, tls }: PostgresOptions): void {
  const lines: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: '40',
    shared_buffers: '16MB',
    ...(tls && { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' }),
    ...settings,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name} = '${value}'\n`);
  writeFileSync(join(data, 'postgresql.auto.conf'), text.join(''));
  for (const [name, content] of Object.entries(tls ? { 'server.crt': tls.cert, 'server.key': tls.key } : {})) {
    writeFileSync(join(data, name), content, { mode: 0o600 });
    if (owner) chownSync(join(data, name), owner.uid, owner.gid);
  }
}

async function launch({ folder, data, port, owner }: Place): Promise<number> {
  const child = spawn(programOf('postgres'), ['-D', data], {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const take = (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const what = () => `PostgreSQL takes connections; it wrote:\n${said}`;
  await until(() => child.exitCode !== null || answers(port), { timeoutMs: 30_000, what: 'PostgreSQL answers' });
  if (child.exitCode !== null) throw new Error(what());
  await until(() => isReady(folder, port), { timeoutMs: 60_000, what: 'PostgreSQL takes connections' }).catch(
    (cause) => {
      throw new Error(what(), { cause });
    },
  );
  child.unref();
  return child.pid ?? 0;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function isReady(host: string, port: number): Promise<boolean> {
  const client = new pg.Client({ host, port, user: 'postgres', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
  return true;
}

/** Where Debian's package puts the programs, of the newest version. */
export function programOf(name: string): string {
  const top = '/usr/lib/postgresql';
  const versions = existsSync(top) ? readdirSync(top).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(top, version, 'bin', name)).find((file) => existsSync(file));
  if (!found) throw new Error(`there is no ${name} of PostgreSQL: install the Debian package postgresql`);
  return found;
}

/** PostgreSQL refuses to run as root; the package brings a user for it. */
export function userOf(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (!uid || !gid) throw new Error('there is no user postgres: install the Debian package postgresql');
  return { uid: Number(uid), gid: Number(gid) };
}

/** The process and its children: each of these has a group of its own. */
function treeOf(pid: number): number[] {
  if (pid === 0) return [];
  const file = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  return [pid, ...children];
}

function signalAll(pid: number, signal: NodeJS.Signals): void {
  // The parent first, or it would start its children anew.
  for (const each of treeOf(pid)) {
    try {
      process.kill(each, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}
