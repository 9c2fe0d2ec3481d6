import { z } from 'zod';
import { HISTORY_DEFAULTS, type HistorySettings, historySettings } from '../../protocol/settings.ts';
import type { Hub } from '../hub.ts';
import { Problem } from '../problem.ts';
import { type Collection, ConflictError, type Document, type DocumentStore, type Kind } from '../store/documents.ts';

/** One section of settings. They are of the whole appliance, so that their site is the word `appliance`. */
interface SettingsRecord extends Document {
  value: unknown;
}

const settingsRecords: Kind<SettingsRecord> = {
  name: 'settings',
  schema: z.looseObject({ id: z.string(), siteId: z.string(), rev: z.number().int(), value: z.unknown() }),
  indexes: [],
};

const SECTION = 'history';
const OWNER = 'appliance';
const GIGABYTE = 1e9;
/** More than 50 hosts need in five years (docs/history.md), and what a 32 GB card can spare. */
const MOST_BY_DEFAULT = 20;

/** The smaller of 20 GB and half of what is free: a full disk would stop everything on the machine, not only Reeve. */
export function defaultBudget(freeBytes: number): number {
  const half = Math.floor((freeBytes / 2 / GIGABYTE) * 10) / 10;
  return Math.max(0.1, Math.min(MOST_BY_DEFAULT, half));
}

export interface SettingsParts {
  documents: DocumentStore;
  hub: Hub;
  /** Free bytes where the data is; asked at the first start only. */
  freeBytes: () => Promise<number>;
}

/** The settings of history: in memory for who asks often, durable when a change resolves, told on the hub. */
export class HistorySettingsStore {
  readonly #records: Collection<SettingsRecord>;
  readonly #hub: Hub;
  #rev: number;
  #value: HistorySettings;

  private constructor(records: Collection<SettingsRecord>, hub: Hub, found: { rev: number; value: HistorySettings }) {
    this.#records = records;
    this.#hub = hub;
    this.#rev = found.rev;
    this.#value = found.value;
  }

  /** At the first start the defaults are stored. What an older version wrote keeps its known fields; the rest become defaults. */
  static async open({ documents, hub, freeBytes }: SettingsParts): Promise<HistorySettingsStore> {
    const records = await documents.collection(settingsRecords);
    const found = await records.get(SECTION);
    const defaults = async () => ({ ...HISTORY_DEFAULTS, budgetGigabytes: defaultBudget(await freeBytes()) });
    if (found) {
      const known = historySettings.safeParse(found.value);
      const value = known.success ? known.data : merged(await defaults(), found.value);
      return new HistorySettingsStore(records, hub, { rev: found.rev, value });
    }
    const value = await defaults();
    const { rev } = await records.insert({ id: SECTION, siteId: OWNER, value });
    return new HistorySettingsStore(records, hub, { rev, value });
  }

  get current(): { rev: number; settings: HistorySettings } {
    return { rev: this.#rev, settings: this.#value };
  }

  /** Fails with the problem `conflict` when somebody changed them after `rev`. */
  async change(rev: number, settings: HistorySettings): Promise<void> {
    const before = this.#value;
    try {
      const stored = await this.#records.update({ id: SECTION, siteId: OWNER, value: settings }, { ifRev: rev });
      this.#rev = stored.rev;
      this.#value = settings;
    } catch (error) {
      if (error instanceof ConflictError)
        throw new Problem('conflict', 'These settings were changed meanwhile: look at them again, then change them');
      throw error;
    }
    this.#hub.emit('settings', { section: SECTION, before, after: settings });
  }
}

/** Each stored field that is still valid beside the defaults. */
function merged(defaults: HistorySettings, stored: unknown): HistorySettings {
  let value = defaults;
  const fields = typeof stored === 'object' && stored !== null ? Object.entries(stored) : [];
  for (const [name, field] of fields) {
    const next = historySettings.safeParse({ ...value, [name]: field });
    if (next.success) value = next.data;
  }
  return value;
}
