import { execFile } from 'node:child_process';
import { writeSync } from 'node:fs';

/** What a service tells systemd (sd_notify(3)); nothing happens where no systemd asks for it. */
export interface ServiceManager {
  /** How long it waits for a beat before it ends and starts the service anew; undefined where it does not watch. */
  readonly watchdogMs: number | undefined;
  tell(...states: readonly string[]): void;
}

/** Name of the socket that systemd opens for us (`OpenFile=…:notify`). */
const SOCKET = 'notify';
/** The first file descriptor that systemd hands over (sd_listen_fds(3)). */
const FIRST_FD = 3;
const SPAWN_LIMIT_MS = 10_000;

export interface ManagerParts {
  pid?: number;
  /** Writes one datagram. */
  write?: (fd: number, text: string) => void;
  /** The way where systemd is older than 253 and hands over no socket: a process for each message. */
  spawn?: (states: readonly string[], env: NodeJS.ProcessEnv) => void;
}

/**
 * Node cannot send to a unix datagram socket, but it can write to one that is connected: systemd opens its own for us. What it says in
 * the environment is taken out of it, so that no process that we start speaks in our name.
 */
export function openServiceManager(env: NodeJS.ProcessEnv, parts: ManagerParts = {}): ServiceManager {
  const { pid = process.pid, write = writeSync, spawn = systemdNotify } = parts;
  const isAsked = Boolean(env.NOTIFY_SOCKET);
  const own = { PATH: env.PATH, NOTIFY_SOCKET: env.NOTIFY_SOCKET };
  const fd = isAsked ? socketOf(env, pid) : undefined;
  const micros = Number(env.WATCHDOG_USEC);
  const isWatched = isAsked && micros > 0 && (env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(pid));
  for (const name of ['NOTIFY_SOCKET', 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'WATCHDOG_USEC', 'WATCHDOG_PID'])
    delete env[name];
  const tell = (...states: readonly string[]): void => {
    if (!isAsked) return;
    if (fd === undefined) {
      spawn(states.map(oneLine), own);
      return;
    }
    try {
      write(fd, `${states.map(oneLine).join('\n')}\n`);
    } catch {
      // A full queue or a systemd that starts itself anew: the next message goes through, or the missing beats speak for us.
    }
  };
  return { watchdogMs: isWatched ? micros / 1_000 : undefined, tell };
}

function socketOf({ LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' }: NodeJS.ProcessEnv, pid: number): number | undefined {
  const place = LISTEN_FDNAMES.split(':').indexOf(SOCKET);
  return LISTEN_PID === String(pid) && place >= 0 && place < Number(LISTEN_FDS) ? FIRST_FD + place : undefined;
}

const oneLine = (state: string): string => state.replace(/[\r\n]+/g, ' ');

function systemdNotify(states: readonly string[], env: NodeJS.ProcessEnv): void {
  execFile('systemd-notify', [...states], { env, timeout: SPAWN_LIMIT_MS }, () => undefined);
}
