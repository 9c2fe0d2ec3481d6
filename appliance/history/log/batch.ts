import type { SkipEntry } from '../skips.ts';
import type { LoggedFrame } from './commit.ts';

/** Frames that are written together, in one commit. */
export interface Batch {
  frames: LoggedFrame[];
  /** Streams whose next frame is due before the batch is, and is not in it yet; known with the first frame. */
  awaited: Set<string> | undefined;
  skips: SkipEntry[];
  dueAt: number;
  /** Settles with the attempt to write; replaced after a failure, because the batch is tried again. */
  outcome: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** A promise with its ends, for those who wait for a batch. */
export function newOutcome(): Pick<Batch, 'outcome' | 'resolve' | 'reject'> {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const outcome = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  // Whoever waits hears of a failure; when nobody does, it must not end the process.
  outcome.catch(() => undefined);
  return { outcome, resolve, reject };
}

export const emptyBatch = (): Batch => ({
  frames: [],
  awaited: undefined,
  skips: [],
  dueAt: Number.POSITIVE_INFINITY,
  ...newOutcome(),
});
