import { z } from 'zod';
import { instant, wordId } from '../identity.ts';
import { route } from '../route.ts';

/** One section of settings with its form. */
export const settingsSection = z.object({
  id: wordId,
  title: z.string(),
  /** Of the whole appliance, or of the site of who asks. */
  scope: z.enum(['appliance', 'site']),
  /** Whether who asks may change it. */
  mayChange: z.boolean(),
  /** JSON Schema of `value`, to draw a form from. */
  form: z.record(z.string(), z.unknown()),
  /** Of the stored section, 0 before the first change; to be sent back with a change. */
  rev: z.number().int().min(0),
  /** Secrets are `{set: true}` or `{set: false}`. */
  value: z.record(z.string(), z.unknown()),
  /** What keeps the stored section from working: a variable that is missing, say. `path` is the field. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type SettingsSection = z.infer<typeof settingsSection>;

const sectionParams = z.object({ section: wordId });

export const listSettings = route({
  id: 'settings.list',
  method: 'GET',
  path: '/api/v1/settings',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the sections of settings that the session may see, with their forms',
  answer: z.object({ items: z.array(settingsSection) }),
  errors: ['not-signed-in'],
});

export const readSettings = route({
  id: 'settings.read',
  method: 'GET',
  path: '/api/v1/settings/:section',
  access: 'viewer',
  site: 'none',
  summary: 'Reads one section of settings',
  params: sectionParams,
  answer: settingsSection,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

/**
 * `rev` is the revision the editor saw; another one meanwhile is a conflict, not a silent overwrite. A secret that is absent or
 * `{set: …}` stays as it is, null or an empty text takes it away.
 */
export const changeSettings = route({
  id: 'settings.change',
  method: 'PUT',
  path: '/api/v1/settings/:section',
  access: 'admin',
  site: 'none',
  summary: 'Changes one section of settings',
  params: sectionParams,
  body: z.strictObject({ rev: z.number().int().min(0), value: z.record(z.string(), z.unknown()) }),
  answer: settingsSection,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict', 'storage-unavailable'],
});

/** What history holds now. */
export const historyStorage = route({
  id: 'settings.historyStorage',
  method: 'GET',
  path: '/api/v1/settings/history/storage',
  access: 'owner',
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
  errors: ['not-signed-in', 'not-allowed'],
});

export const settingsRoutes = [listSettings, readSettings, changeSettings, historyStorage] as const;
