import type { Job } from '../jobs.ts';

/** A kind of record that is not kept for ever. */
export interface Prunable {
  /** In the plural, for people: `expired sessions`. */
  what: string;
  /** Takes away what is too old at `now`; says how many. */
  prune(now: number): Promise<number>;
}

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 30 * 60_000;

/** The job that takes away what was kept long enough, once a day. One kind that fails does not keep the others. */
export function pruneJob(prunables: readonly Prunable[]): Job {
  return {
    id: 'prune',
    title: 'Take away old records',
    schedule: { everyMs: DAY_MS },
    timeoutMs: TIMEOUT_MS,
    async run({ signal, progress, now, log }) {
      const done: string[] = [];
      const failed: string[] = [];
      for (const [n, { what, prune }] of prunables.entries()) {
        signal.throwIfAborted();
        progress({ done: n, of: prunables.length, text: what });
        try {
          const count = await prune(now());
          if (count > 0) done.push(`${count} ${what}`);
        } catch (error) {
          log.error({ err: error, what }, 'old records could not be taken away');
          failed.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      if (failed.length > 0) throw new Error(failed.join('; '));
      return done.length > 0 ? `Took away ${done.join(', ')}` : 'Nothing was old enough';
    },
  };
}
