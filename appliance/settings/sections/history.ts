import { HISTORY_DEFAULTS, historySettings } from '../../../protocol/settings/history.ts';
import { section } from '../section.ts';

const GIGABYTE = 1e9;
/** More than 50 hosts need in five years (docs/history.md), and what a 32 GB card can spare. */
const MOST_BY_DEFAULT = 20;

/** The smaller of 20 GB and half of what is free: a full disk would stop everything on the machine, not only Reeve. */
export function defaultBudget(freeBytes: number): number {
  const half = Math.floor((freeBytes / 2 / GIGABYTE) * 10) / 10;
  return Math.max(0.1, Math.min(MOST_BY_DEFAULT, half));
}

export const history = section({
  id: 'history',
  title: 'History',
  scope: 'appliance',
  access: { read: 'owner', change: 'owner' },
  settings: historySettings,
  defaults: { ...HISTORY_DEFAULTS, budgetGigabytes: MOST_BY_DEFAULT },
  first: async ({ freeBytes }) => ({ budgetGigabytes: defaultBudget(await freeBytes()) }),
});
