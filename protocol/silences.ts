import { z } from 'zod';
import { ruleId, severity } from './alerts.ts';
import { documentId, instant } from './identity.ts';
import { timeZone } from './settings/general.ts';

const line = (most: number, ifEmpty: string) =>
  z
    .string()
    .trim()
    .min(1, ifEmpty)
    .max(most, `use at most ${most} characters`)
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u, 'leave out control characters');

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time as 22:00');
const noneTwice = (items: readonly (string | number)[]): boolean => new Set(items).size === items.length;

/** Which alerts. A list that is empty fits all; hosts and tags together mean the hosts named and those with any of the tags. */
export const alertMatch = z.strictObject({
  hostIds: z
    .array(documentId)
    .max(500, 'name at most 500 hosts; use a tag for more')
    .refine(noneTwice, 'name each host once')
    .default([])
    .meta({ title: 'Hosts', order: 1 }),
  tags: z.array(z.string().trim().min(1).max(40)).max(32).default([]).meta({ title: 'Tags', order: 2 }),
  ruleIds: z.array(ruleId).max(100).default([]).meta({ title: 'Rules', order: 3 }),
  severities: z.array(severity).max(4).default([]).meta({ title: 'Severities', order: 4 }),
});
export type AlertMatch = z.output<typeof alertMatch>;

const reason = line(300, 'say why').meta({ title: 'Reason', order: 1 });
const match = alertMatch.prefault({}).meta({ title: 'Which alerts', order: 2 });

/** Longer than this is a rule to switch off. */
export const MOST_SILENCE_MS = 90 * 86_400_000;

/** Until it ends nobody is told of what it fits; it always ends. */
export const silenceForm = z.strictObject({
  reason,
  match,
  /** At once, where it is left out. */
  startsAt: instant.exactOptional().meta({ title: 'From', order: 3 }),
  endsAt: instant.meta({ title: 'Until', order: 4 }),
});
export type SilenceForm = z.output<typeof silenceForm>;

export const silence = z.object({
  id: documentId,
  rev: z.number().int(),
  reason: z.string(),
  match: alertMatch,
  startsAt: instant,
  endsAt: instant,
  state: z.enum(['upcoming', 'active', 'over']),
  by: z.string(),
  createdAt: instant,
  /** Who ended it before its time. */
  endedBy: z.string().exactOptional(),
});
export type Silence = z.infer<typeof silence>;

const minutes = z
  .number()
  .int('whole minutes')
  .min(1, 'at least a minute')
  .max(10_080, 'at most 7 days')
  .meta({ title: 'For, minutes' });

/**
 * When work is done. Weekly times are those of the clocks in its zone: one that a change of clocks leaves out begins at the next moment
 * there is, one that comes twice counts the first time. Minutes are those that pass.
 */
export const maintenanceSchedule = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('once'), startsAt: instant, endsAt: instant })
    .refine(({ startsAt, endsAt }) => endsAt > startsAt, { path: ['endsAt'], message: 'it ends before it begins' }),
  z
    .strictObject({
      kind: z.literal('weekly'),
      /** Days on which it begins, 1 = Monday. */
      days: z.array(z.number().int().min(1).max(7)).min(1, 'name a day').max(7).refine(noneTwice, 'name each day once'),
      from: clockTime,
      /** At or before `from`: on the next day. */
      to: clockTime,
    })
    .refine(({ from, to }) => from !== to, { path: ['to'], message: 'the end is the beginning: give another time' }),
  z.strictObject({
    kind: z.literal('cron'),
    /** Five fields: minute, hour, day, month, weekday. */
    cron: z
      .string()
      .trim()
      .max(100)
      .regex(/^\S+(?: +\S+){4}$/, 'write five fields: minute hour day month weekday'),
    minutes,
  }),
]);
export type MaintenanceSchedule = z.output<typeof maintenanceSchedule>;

export const maintenanceForm = z.strictObject({
  title: line(80, 'give a title').meta({ title: 'Title' }),
  reason,
  match,
  schedule: maintenanceSchedule,
  /** That of the site, where it is left out. */
  timeZone: timeZone.exactOptional(),
  isEnabled: z.boolean().default(true),
});
export type MaintenanceForm = z.output<typeof maintenanceForm>;

export const span = z.object({ from: instant, to: instant });
export type Span = z.infer<typeof span>;

export const maintenance = z.object({
  id: documentId,
  rev: z.number().int(),
  title: z.string(),
  reason: z.string(),
  match: alertMatch,
  schedule: maintenanceSchedule,
  timeZone: z.string(),
  isEnabled: z.boolean(),
  by: z.string(),
  createdAt: instant,
  /** The one that is under way. */
  now: span.exactOptional(),
  /** The next three. */
  next: z.array(span),
});
export type Maintenance = z.infer<typeof maintenance>;

/** Something that keeps alerts quiet, and since and until when. */
export const quietSpan = z.object({
  kind: z.enum(['silence', 'maintenance']),
  /** Of the silence or the maintenance window. */
  id: documentId,
  title: z.string(),
  reason: z.string(),
  by: z.string(),
  from: instant,
  to: instant,
});
export type QuietSpan = z.infer<typeof quietSpan>;
