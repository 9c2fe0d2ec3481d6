import { HISTORY_DEFAULTS, type HistorySettings } from '../../protocol/settings/history.ts';
import type { Tier } from '../store/history-engine.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

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

/** The limits that settings stand for; `wears` = the storage is one that wears out, such as an SD card. */
export function limitsOf(settings: HistorySettings, wears: boolean): HistoryLimits {
  const { rawHours, minuteDays, fiveMinuteDays, hourDays, budgetGigabytes, lowWear } = settings;
  return {
    keepMs: { raw: rawHours * HOUR, '1m': minuteDays * DAY, '5m': fiveMinuteDays * DAY, '1h': hourDays * DAY },
    budgetBytes: budgetGigabytes * 1e9,
    isLowWear: lowWear === 'on' || (lowWear === 'auto' && wears),
  };
}

export const DEFAULT_LIMITS = limitsOf({ ...HISTORY_DEFAULTS, budgetGigabytes: 20 }, false);
