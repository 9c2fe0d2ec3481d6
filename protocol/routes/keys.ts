import { z } from 'zod';
import { displayName, documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { role } from './access.ts';

/** An API key of this site; its text is never shown again. */
export const apiKey = z.object({
  id: documentId,
  rev: z.number().int(),
  name: z.string(),
  role,
  createdAt: instant,
  /** User name of who made it. */
  createdBy: z.string(),
  /** Absent: it does not expire. */
  expiresAt: instant.exactOptional(),
  /** Within an hour; absent: it was never used. */
  lastUsedAt: instant.exactOptional(),
  lastUsedFrom: z.string().exactOptional(),
});
export type ApiKey = z.infer<typeof apiKey>;

const forAdmins = { access: 'admin', site: 'none' } as const;
const ofRecord = { access: 'admin', site: 'record' } as const;
const params = z.object({ keyId: documentId });

export const listKeys = route({
  id: 'keys.list',
  method: 'GET',
  path: '/api/v1/keys',
  ...forAdmins,
  summary: 'Lists the API keys of this site',
  query: z.object(pageQuery),
  answer: paged(apiKey),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const createKeyForm = z.object({
  name: displayName.meta({ title: 'What it is for', order: 1 }),
  role: role.default('viewer').meta({ title: 'Role', order: 2 }),
  validDays: z
    .number()
    .int()
    .min(1, 'a day is the least')
    .max(3_650, 'ten years are the most')
    .optional()
    .meta({ title: 'Valid for, days', description: 'Left empty, it does not expire.', order: 3 }),
});

/** The role is at most that of who makes it. */
export const createKey = route({
  id: 'keys.create',
  method: 'POST',
  path: '/api/v1/keys',
  ...forAdmins,
  personal: true,
  summary: 'Makes an API key; its text is shown this once',
  body: createKeyForm,
  answer: apiKey.extend({
    /** The whole key, for `X-API-Key` or `Authorization: Bearer`; only in this answer. */
    key: z.string(),
  }),
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const editKey = route({
  id: 'keys.edit',
  method: 'PATCH',
  path: '/api/v1/keys/:keyId',
  ...ofRecord,
  personal: true,
  summary: 'Changes the name of an API key',
  params,
  body: z.object({ rev: z.number().int(), name: displayName.meta({ title: 'What it is for' }) }),
  answer: apiKey,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict'],
});

export const removeKey = route({
  id: 'keys.remove',
  method: 'DELETE',
  path: '/api/v1/keys/:keyId',
  ...ofRecord,
  personal: true,
  summary: 'Makes an API key useless at once',
  params,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const keysRoutes = [listKeys, createKey, editKey, removeKey] as const;
