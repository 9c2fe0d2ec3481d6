import { statSync } from 'node:fs';
import type { AgentLog } from './log.ts';
import type { OwnFile } from './own-file.ts';

const LOOK_EVERY_MS = 30_000;

export interface OwnFileNewsOptions {
  path: string;
  /** Reads the file; throws with what is wrong in it and how it is mended. */
  read: () => OwnFile;
  log: AgentLog;
}

/** Notices that the agent's own file was changed. One that is wrong is said once, and what it said before holds. */
export class OwnFileNews {
  readonly #options: OwnFileNewsOptions;
  #own: OwnFile;
  #mark: string;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #tell: (own: OwnFile) => void = () => undefined;

  constructor(options: OwnFileNewsOptions) {
    this.#options = options;
    this.#mark = markOf(options.path);
    this.#own = options.read();
  }

  /** What holds now. */
  get own(): OwnFile {
    return this.#own;
  }

  /** Resolves when the file says something else than what holds now, which is then what it says. */
  changed(): Promise<OwnFile> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** To be called as often as one likes, `mono` in ms: looks at the file twice a minute, and reads it when it is another. */
  look(mono: number): void {
    if (mono - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = mono;
    if (markOf(this.#options.path) !== this.#mark) this.readAgain();
  }

  /** Reads it now, because a person says so. */
  readAgain(): void {
    const { path, read, log } = this.#options;
    this.#mark = markOf(path);
    try {
      const own = read();
      if (JSON.stringify(own) === JSON.stringify(this.#own))
        return void log.info({ path }, 'the own file says the same');
      this.#own = own;
      log.info({ path }, 'the own file was changed and is followed from now on');
      this.#tell(own);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ reason }, 'the own file cannot be followed; what it said before holds');
    }
  }
}

/** Another one for every change of what is in a file, of its owner and of its mode. */
function markOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return [ino, size, mtimeMs, ctimeMs].join();
  } catch {
    return '';
  }
}
