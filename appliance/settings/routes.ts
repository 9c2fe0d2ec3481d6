import { z } from 'zod';
import type { AnswerOf } from '../../protocol/route.ts';
import { changeHistorySettings, historyStorage, readHistorySettings } from '../../protocol/routes/settings.ts';
import { historySettings } from '../../protocol/settings.ts';
import type { Hub } from '../hub.ts';
import type { Routes } from '../serve.ts';
import type { HistorySettingsStore } from './history-settings.ts';

export interface SettingsRouteParts {
  store: HistorySettingsStore;
  hub: Hub;
  now: () => number;
  storage: () => AnswerOf<typeof historyStorage>;
}

const form = z.toJSONSchema(historySettings, { io: 'input' }) as Record<string, unknown>;

export function serveSettings(routes: Routes, { store, hub, now, storage }: SettingsRouteParts): void {
  routes.serve(readHistorySettings, () => ({ ...store.current, form }));

  routes.serve(changeHistorySettings, async ({ session, from, body: { rev, ...settings } }) => {
    await store.change(rev, settings);
    const who = { siteId: session.siteId, who: session.userName, from };
    hub.emit('audit', { at: now(), ...who, what: 'settings.history.changed', detail: settings });
    return { ...store.current, form };
  });

  routes.serve(historyStorage, () => storage());
}
