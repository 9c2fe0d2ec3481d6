import { StorageError } from '../../store/errors.ts';
import type { StoreLog } from '../../store/history-engine.ts';

/** What a lane tells of writes that fail. They are tried each second: of an hour without a database two lines are left. */
export interface Failures {
  failed(error: unknown): void;
  wrote(): void;
}

/** Tells a failure once, another one anew, and when it is over. */
export function tellFailures(log: StoreLog, lane: string): Failures {
  let told: string | undefined;
  return {
    failed(err) {
      // Its text names the file, which is another one at each try.
      const kind = err instanceof StorageError ? err.errno : String(err);
      if (kind === told) return;
      told = kind;
      log.error({ err, lane }, 'History was not written; it is tried again');
    },
    wrote() {
      if (told !== undefined) log.info({ lane }, 'History is written again');
      told = undefined;
    },
  };
}
