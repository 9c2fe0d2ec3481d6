import { z } from 'zod';
import { severity } from './alerts.ts';

/** What a notification is about; routes and quiet hours name them. `reeve` is the appliance itself. */
export const CATEGORIES = [
  'offline',
  'performance',
  'storage',
  'hardware',
  'service',
  'security',
  'reeve',
  'other',
] as const;
export const category = z.enum(CATEGORIES);
export type Category = z.infer<typeof category>;

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time as 22:00');

/** A span of the day in the time zone of the site. One that ends before it begins goes on into the next day. */
export const quietWindow = z
  .strictObject({
    /** Days on which it begins, 1 = Monday. */
    days: z
      .array(z.number().int().min(1).max(7))
      .min(1, 'name a day')
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'name each day once'),
    from: clockTime,
    to: clockTime,
    /** None = all. */
    categories: z.array(category).max(CATEGORIES.length).default([]),
    /** Up to this severity; what is worse is told at any time. */
    upTo: severity.default('high'),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    message: 'the end is the beginning; for a whole day write 00:00 to 23:59',
  });
export type QuietWindow = z.output<typeof quietWindow>;

/** Which messages go to which channels. Every route that fits adds its channels; a route without conditions fits all. */
export const routeFields = z.strictObject({
  title: z.string().trim().min(1, 'give a title').max(80),
  isEnabled: z.boolean().default(true),
  severities: z.array(severity).max(4).default([]),
  categories: z.array(category).max(CATEGORIES.length).default([]),
  /** Hosts with any of these. */
  tags: z.array(z.string().trim().min(1).max(40)).max(32).default([]),
  channelIds: z.array(z.uuid()).min(1, 'name a channel').max(20),
  /** Escalation: only when nobody acknowledged, snoozed or resolved it for so many minutes after it was first told; 0 = at once. */
  afterMinutes: z
    .number()
    .int('whole minutes')
    .min(0)
    .max(1_440, 'at most a day')
    .default(0)
    .meta({ title: 'After minutes without an answer' }),
  /** Whether the end of it is told too. */
  tellsEnd: z.boolean().default(true),
});
export type RouteFields = z.output<typeof routeFields>;
