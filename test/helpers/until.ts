import { setTimeout as pause } from 'node:timers/promises';

interface Limit {
  /** How long to wait at most; 10 s by default, because the machine may be busy. */
  timeoutMs?: number;
  /** How long to wait between two tries; 20 ms by default. */
  everyMs?: number;
  /** What is waited for, in words; stands in the failure. */
  what?: string;
}

/**
 * Waits until `condition` answers something true and gives that answer; a thrown error counts as "not yet". Fails after the
 * limit and names what was waited for, with the last error or answer. With fake timers use `vi.waitFor` instead.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 20, what = String(condition) }: Limit = {},
): Promise<Exclude<T, false | undefined | null | 0 | ''>> {
  const endsAt = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer) return answer as Exclude<T, false | undefined | null | 0 | ''>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= endsAt) break;
    await pause(everyMs);
  }
  const detail = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`within ${timeoutMs} ms this did not come true: ${what} (last: ${detail})`, { cause: last });
}
