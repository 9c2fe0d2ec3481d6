import { z } from 'zod';
import { confidence } from '../cost.ts';
import { documentId, instant } from '../identity.ts';
import { route } from '../route.ts';
import { powerNow } from './cost.ts';

const ofSite = { access: 'viewer', site: 'none' } as const;
const hostParams = z.object({ hostId: documentId });
const refused = ['not-signed-in', 'not-allowed', 'invalid-request'] as const;

export const listSourceKinds = route({
  id: 'cost.sourceKinds',
  method: 'GET',
  path: '/api/v1/cost/source-kinds',
  ...ofSite,
  summary: 'Lists where the watts of a host may come from, with the form of each',
  answer: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        hint: z.string(),
        confidence,
        form: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
  errors: ['not-signed-in'],
});

const chosen = z.object({
  /** 0 = nobody chose one. */
  rev: z.number().int(),
  kind: z.string().exactOptional(),
  value: z.record(z.string(), z.unknown()),
  standbyWatts: z.number().exactOptional(),
  /** What a calibration found: mean error as a share. */
  calibration: z.object({ at: instant, hours: z.number(), error: z.number() }).exactOptional(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  now: powerNow,
});
export type PowerSourceView = z.infer<typeof chosen>;

const ofHost = { site: 'record', params: hostParams } as const;
const given = {
  kind: z.string().max(40),
  /** As the form of its kind says; a secret that is absent or `{set: …}` stays. */
  value: z.record(z.string(), z.unknown()),
};

export const readSource = route({
  id: 'cost.source',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/power-source',
  access: 'viewer',
  ...ofHost,
  summary: 'Reads where the watts of a host come from',
  answer: chosen,
  errors: ['not-signed-in', 'not-found'],
});

export const chooseSource = route({
  id: 'cost.chooseSource',
  method: 'PUT',
  path: '/api/v1/hosts/:hostId/power-source',
  access: 'admin',
  ...ofHost,
  summary: 'Chooses where the watts of a host come from; it holds from now on',
  body: z.strictObject({
    rev: z.number().int().min(0),
    ...given,
    standbyWatts: z.number().min(0, 'a power is 0 W or more').max(1_000, 'at most 1000 W').exactOptional(),
  }),
  answer: chosen,
  errors: [...refused, 'not-found', 'conflict', 'storage-unavailable'],
});

export const forgetSource = route({
  id: 'cost.forgetSource',
  method: 'DELETE',
  path: '/api/v1/hosts/:hostId/power-source',
  access: 'admin',
  ...ofHost,
  summary: 'Takes the chosen source away: the best that the host offers by itself holds again',
  answer: chosen,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'storage-unavailable'],
});

export const testSource = route({
  id: 'cost.testSource',
  method: 'POST',
  path: '/api/v1/hosts/:hostId/power-source/test',
  access: 'admin',
  ...ofHost,
  summary: 'Reads a meter once with these settings, without choosing it',
  body: z.strictObject(given),
  answer: z.object({
    watts: z.number().exactOptional(),
    totalKwh: z.number().exactOptional(),
    /** Why there is no reading, with the cure. */
    problem: z.string().exactOptional(),
  }),
  errors: [...refused, 'not-found', 'too-many-requests'],
});

export const calibrate = route({
  id: 'cost.calibrate',
  method: 'POST',
  path: '/api/v1/hosts/:hostId/power-source/calibration',
  access: 'admin',
  ...ofHost,
  summary: 'Finds the model that fits what a meter measured on this host, so that the meter may be taken away',
  body: z.strictObject({
    hours: z
      .number()
      .int()
      .min(1)
      .max(24 * 31)
      .default(24),
    /** Chooses the model that was found; else it is only shown. */
    apply: z.boolean().default(false),
  }),
  answer: z.object({
    model: z.enum(['model', 'rapl']),
    /** Of the model: idle and full load; of RAPL: base load and factor. */
    values: z.record(z.string(), z.number()),
    /** Hours in which both were known. */
    hours: z.number(),
    meanWatts: z.number(),
    /** Mean difference of an hour, as a share. */
    error: z.number(),
    isApplied: z.boolean(),
  }),
  errors: [...refused, 'not-found', 'conflict', 'storage-unavailable'],
});

export const powerSourceRoutes = [
  listSourceKinds,
  readSource,
  chooseSource,
  forgetSource,
  testSource,
  calibrate,
] as const;
