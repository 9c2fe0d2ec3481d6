import type { Tier } from '../store/history-engine.ts';

const DAY = 86_400_000;

/** What history may keep and how it may write; read anew each time it matters, because people change it while it runs. */
export interface HistoryLimits {
  /**
   * How long rows of each tier are kept, ms from the time they stand for. Raw rows of hosts that send each minute or less often
   * are their own 1-minute tier and are kept as long as `1m`.
   */
  readonly keepMs: Readonly<Record<Tier, number>>;
  /** Bytes that all files of history may take; beyond it the oldest raw rows go first. */
  readonly budgetBytes: number;
  /** Fewer, larger commits, for storage that wears out: a commit waits for up to a whole interval. */
  readonly isLowWear: boolean;
}

/** What is kept when nobody said otherwise (HIS-2). */
export const DEFAULT_LIMITS: HistoryLimits = {
  keepMs: { raw: DAY, '1m': 30 * DAY, '5m': 365 * DAY, '1h': 5 * 365 * DAY },
  budgetBytes: 20e9,
  isLowWear: false,
};
