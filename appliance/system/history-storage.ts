import type { AnswerOf } from '../../protocol/route.ts';
import { historyStorage } from '../../protocol/routes/settings.ts';
import type { HistorySettings } from '../../protocol/settings/history.ts';
import type { HistoryStats } from '../history/history.ts';
import type { Routes } from '../serve.ts';
import type { Storage } from '../wear.ts';

export type HistoryStorage = AnswerOf<typeof historyStorage>;

export interface HistoryStorageSources {
  stats: HistoryStats;
  settings: HistorySettings;
  limits: { budgetBytes: number; isLowWear: boolean };
  storage: Storage;
}

/** What history takes on the disk and how it writes, as the dashboard and the health page tell it. */
export function historyStorageOf({ stats, settings, limits, storage }: HistoryStorageSources): HistoryStorage {
  return {
    tiers: stats.tiers.map(({ oldestAt, ...tier }) => ({ ...tier, ...(oldestAt !== undefined && { oldestAt }) })),
    bytes: stats.bytes,
    budgetBytes: limits.budgetBytes,
    lowWear: { isOn: limits.isLowWear, reason: reasonOf(settings.lowWear, storage) },
    damaged: [...stats.quarantined],
  };
}

const reasonOf = (chosen: HistorySettings['lowWear'], { what }: Storage): string =>
  chosen === 'auto' ? `data is on ${what}` : `switched ${chosen} in the settings`;

export const serveHistoryStorage = (routes: Routes, storage: () => HistoryStorage): void =>
  routes.serve(historyStorage, () => storage());
