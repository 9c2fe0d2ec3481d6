import { open } from 'node:fs/promises';
import path from 'node:path';
import { openServiceManager, type ServiceManager } from './service-manager.ts';

/** What watches over the program from outside. */
export interface Overseer {
  manager: ServiceManager;
  /** Resolves or fails once the disk has answered; a disk that refuses is no reason to start anew, one that hangs is. */
  probe(): Promise<unknown>;
}

export interface BeatParts extends Overseer {
  /** One line for `systemctl status`. */
  status(): string;
}

/** Beats in one span of the watchdog: two may be lost. */
const BEATS = 3;
/** While it starts, systemd is asked for so much more time with each beat. */
const START_MS = 60_000;
const START_BEAT_MS = 20_000;

/**
 * Tells systemd that the service lives: each beat comes from the event loop and only after the disk under the data has answered, so
 * that a service that hangs at either is started anew. Before `ready` a beat asks for time instead: a start may have much to read.
 */
export class ServiceBeat {
  readonly #parts: BeatParts;
  readonly #timer: NodeJS.Timeout;
  #isReady = false;
  #isAsking = false;
  #said = '';

  constructor(parts: BeatParts) {
    this.#parts = parts;
    const { watchdogMs } = parts.manager;
    const everyMs = Math.min(START_BEAT_MS, (watchdogMs ?? START_MS) / BEATS);
    this.#timer = setInterval(() => void this.#beat(), everyMs);
    this.#timer.unref();
  }

  ready(): void {
    this.#isReady = true;
    this.#parts.manager.tell('READY=1', ...this.#status());
  }

  /** It stops and starts within itself. */
  reloading(): void {
    this.#parts.manager.tell('RELOADING=1', 'STATUS=Starts anew');
  }

  stopping(): void {
    clearInterval(this.#timer);
    this.#parts.manager.tell('STOPPING=1', 'STATUS=Stops');
  }

  async #beat(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    await this.#parts.probe().catch(() => undefined);
    this.#isAsking = false;
    if (!this.#isReady) return this.#parts.manager.tell(`EXTEND_TIMEOUT_USEC=${START_MS * 1_000}`);
    const states = [...(this.#parts.manager.watchdogMs === undefined ? [] : ['WATCHDOG=1']), ...this.#status()];
    if (states.length > 0) this.#parts.manager.tell(...states);
  }

  /** Told when it has changed. */
  #status(): string[] {
    const status = this.#parts.status();
    if (status === this.#said) return [];
    this.#said = status;
    return [`STATUS=${status}`];
  }
}

/** Has the file system under a folder sync a file in it: that writes nothing where nothing has changed. */
export async function askDisk(dir: string): Promise<void> {
  const handle = await open(path.join(dir, 'format.json'), 'r');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** systemd, where it started this process; `dataDir` names the folder of the data. */
export const systemdOver = (env: NodeJS.ProcessEnv, dataDir: () => string): Overseer => ({
  manager: openServiceManager(env),
  probe: async () => askDisk(dataDir()),
});
