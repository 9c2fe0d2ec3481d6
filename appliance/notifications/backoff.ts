const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Between two tries; the last one repeats. */
const BACKOFF_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
];
/** After a day nobody wants to hear of it; it stands in the delivery log as given up. */
export const GIVE_UP_MS = 86_400_000;

/** When a message that failed for the `tries`th time is tried again. */
export const nextTryAt = (now: number, tries: number, retryAfterMs = 0): number =>
  now + Math.max(retryAfterMs, BACKOFF_MS[Math.min(tries, BACKOFF_MS.length) - 1] ?? 0);
