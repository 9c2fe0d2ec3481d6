import { z } from 'zod';
import { instant } from '../identity.ts';
import { route } from '../route.ts';
import { historySettings } from '../settings.ts';

const answer = z.object({
  /** Of the stored document; to be sent back with a change. */
  rev: z.number().int(),
  settings: historySettings,
  /** JSON Schema of `settings`, to draw a form from. */
  form: z.record(z.string(), z.unknown()),
});

export const readHistorySettings = route({
  id: 'settings.readHistory',
  method: 'GET',
  path: '/api/v1/settings/history',
  access: 'viewer',
  site: 'none',
  summary: 'Says how long history is kept and how much disk it may take',
  answer,
  errors: ['not-signed-in'],
});

/** `rev` is the revision the editor saw; another one meanwhile is a conflict, not a silent overwrite. */
export const changeHistorySettings = route({
  id: 'settings.changeHistory',
  method: 'PUT',
  path: '/api/v1/settings/history',
  access: 'admin',
  site: 'none',
  summary: 'Changes how long history is kept and how much disk it may take',
  body: historySettings.safeExtend({ rev: z.number().int() }),
  answer,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'conflict', 'storage-unavailable'],
});

/** What history holds now. */
export const historyStorage = route({
  id: 'settings.historyStorage',
  method: 'GET',
  path: '/api/v1/settings/history/storage',
  access: 'viewer',
  site: 'none',
  summary: 'Says what each tier of history takes on the disk',
  answer: z.object({
    tiers: z.array(
      z.object({
        tier: z.enum(['raw', '1m', '5m', '1h']),
        bytes: z.number(),
        partitions: z.number().int(),
        oldestAt: instant.exactOptional(),
      }),
    ),
    /** All files of history together, the log and the catalogue included. */
    bytes: z.number(),
    budgetBytes: z.number(),
    /** Whether commits are gathered for longer now, and why. */
    lowWear: z.object({ isOn: z.boolean(), reason: z.string() }),
    damaged: z.array(z.object({ file: z.string(), reason: z.string() })),
  }),
  errors: ['not-signed-in'],
});

export const settingsRoutes = [readHistorySettings, changeHistorySettings, historyStorage] as const;
