import { z } from 'zod';
import type { AnswerOf } from '../../protocol/route.ts';
import { changeHistorySettings, historyStorage, readHistorySettings } from '../../protocol/routes/settings.ts';
import { historySettings } from '../../protocol/settings.ts';
import type { Routes } from '../serve.ts';
import type { HistorySettingsStore } from './history-settings.ts';

export interface SettingsRouteParts {
  store: HistorySettingsStore;
  storage: () => AnswerOf<typeof historyStorage>;
}

const form = z.toJSONSchema(historySettings, { io: 'input' }) as Record<string, unknown>;

export function serveSettings(routes: Routes, { store, storage }: SettingsRouteParts): void {
  routes.serve(readHistorySettings, () => ({ ...store.current, form }));

  routes.serve(changeHistorySettings, async ({ note, body: { rev, ...settings } }) => {
    const before = store.current.settings;
    await store.change(rev, settings);
    note({ before, after: settings });
    return { ...store.current, form };
  });

  routes.serve(historyStorage, () => storage());
}
