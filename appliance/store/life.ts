import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { removeFile } from './disk.ts';
import { errnoOf } from './errors.ts';

/**
 * A proof that a process lives which holds where pids mean nothing, between containers that share a folder: a socket file that
 * somebody listens on. The kernel ends it with the process, and it costs no write after the first.
 */
export interface Life {
  /** Name of the socket file in its folder. */
  readonly name: string;
  end(): Promise<void>;
}

/** Listens in `dir`; undefined where its file system has no sockets (FAT, some network shares) or the system no such files. */
export async function giveLife(dir: string): Promise<Life | undefined> {
  if (process.platform === 'win32') return undefined;
  const name = `LOCK.${randomBytes(6).toString('hex')}.sock`;
  const server = createServer((socket) => void socket.on('error', () => undefined).destroy());
  const way = await wayTo(dir, name);
  try {
    await listening(server, way.path);
  } catch {
    await way.close();
    return undefined;
  }
  server.on('error', () => undefined);
  server.unref();
  return {
    name,
    end: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await way.close();
      await removeFile(join(dir, name));
    },
  };
}

const ANSWER_MS = 2_000;
/** What the system says when nobody listens; every other trouble (no room, no permission) means that somebody may. */
const DEAD = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'ENOTDIR', 'EINVAL', 'ENAMETOOLONG'];

/** Whether somebody listens on the socket file `name` in `dir`. */
export async function isAlive(dir: string, name: string): Promise<boolean> {
  const way = await wayTo(dir, name);
  try {
    return await new Promise<boolean>((resolve) => {
      const socket = connect(way.path);
      const say = (isAnswered: boolean) => {
        clearTimeout(limit);
        socket.destroy();
        resolve(isAnswered);
      };
      const limit = setTimeout(() => say(true), ANSWER_MS);
      socket.once('connect', () => say(true));
      socket.on('error', (error) => say(!DEAD.includes(errnoOf(error))));
    });
  } finally {
    await way.close();
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Another container may run Reeve as another user; more than a connection nobody gets here.
    server.listen({ path, writableAll: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The kernel takes socket paths of about 100 bytes only; a longer one goes over the descriptor of its folder. */
const LONGEST_PATH = 100;

async function wayTo(dir: string, name: string): Promise<{ path: string; close(): Promise<void> }> {
  const path = join(dir, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH || process.platform !== 'linux')
    return { path, close: async () => undefined };
  const folder: FileHandle = await open(dir, 'r');
  return { path: `/proc/self/fd/${folder.fd}/${name}`, close: () => folder.close() };
}
