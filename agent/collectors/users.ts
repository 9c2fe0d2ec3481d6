import * as z from 'zod/mini';
import type { SystemFiles } from '../files.ts';
import { number, query, rowsOf } from '../reading/windows/rows.ts';
import { collector, gauge, NothingToRead } from './collector.ts';

/** Users of sessions, one entry for each; names do not leave the machine. */
type Sessions = readonly string[];

const RECORD = 384;
const USER_PROCESS = 7;

/** Sessions of a utmp file (utmp(5)), whose records have 384 bytes on every Linux since glibc 2: type, pid, line, id, user, … */
export function parseUtmp(bytes: Buffer): Sessions {
  const users: string[] = [];
  for (let at = 0; at + RECORD <= bytes.length; at += RECORD) {
    if (bytes.readInt16LE(at) !== USER_PROCESS) continue;
    const user = bytes.toString('utf8', at + 44, at + 76).split('\0', 1)[0];
    if (user) users.push(user);
  }
  return users;
}

/** The user of one of logind's session files (/run/systemd/sessions); undefined for greeters, managers and sessions that end. */
export function parseSession(text: string): string | undefined {
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
  return of('CLASS') === 'user' && of('STATE') !== 'closing' ? (of('USER') ?? of('UID')) : undefined;
}

/** logind knows more than utmp, which some distributions no longer have. */
function sessionsOf(files: SystemFiles): Sessions {
  const names = files.list('/run/systemd/sessions').filter((name) => !name.endsWith('.ref'));
  if (names.length > 0)
    return names.flatMap((name) => parseSession(files.once(`/run/systemd/sessions/${name}`) ?? '') ?? []);
  const utmp = files.bytes('/run/utmp') ?? files.bytes('/var/run/utmp');
  if (utmp) return parseUtmp(utmp);
  if (files.exists('/run/systemd/sessions')) return [];
  throw new NothingToRead('neither logind nor /run/utmp says who is here');
}

/** Users of the lines of `who`: name, terminal, time. */
export const parseWho = (output: string): Sessions =>
  output.split('\n').flatMap((line) => /^(\S+) +(?:console|ttys?\w*|pts\/\d+) /.exec(line)?.[1] ?? []);

const SHELLS = query('Win32_Process', ['SessionId'], `-Filter "Name='explorer.exe'"`);
const shellRow = z.object({ SessionId: number });

/** Sessions in which Windows' own shell runs; it may run twice in one. */
export const sessionsOfShells = (found: readonly unknown[]): number =>
  new Set(rowsOf(shellRow, found).flatMap(({ SessionId }) => SessionId ?? [])).size;

/** How many people are logged in. */
export const users = collector({
  id: 'users',
  title: 'Users',
  isSlow: ['darwin', 'win32'],
  settings: z.object({}),
  descriptors: [
    gauge('system.session.count', 'Sessions', {
      unit: '{session}',
      chart: { group: 'users', order: 82, style: 'line' },
    }),
    gauge('system.user.count', 'Users logged in', { unit: '{user}' }),
  ],
  read: {
    linux: (_settings, { files }) => ({
      everyMs: 30_000,
      read(put) {
        const sessions = sessionsOf(files);
        put('system.session.count', sessions.length);
        put('system.user.count', new Set(sessions).size);
      },
    }),
    darwin: (_settings, { run }) => ({
      everyMs: 60_000,
      async read(put) {
        const sessions = parseWho((await run({ command: 'who', args: [] })).output);
        put('system.session.count', sessions.length);
        put('system.user.count', new Set(sessions).size);
      },
    }),
    win32: (_settings, { shell }) => ({
      everyMs: 60_000,
      // Whoever is signed in has a shell of their own; whose it is an ordinary account may not ask.
      read: async (put) => put('system.session.count', sessionsOfShells(await shell(SHELLS))),
    }),
  },
});
