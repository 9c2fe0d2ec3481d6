import { z } from 'zod';
import { quietWindow } from '../notifications.ts';

const clockTime = z
  .string()
  .trim()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time as 22:00');

/** How the people of a site want to be told; times are those of the site. */
export const notificationSettings = z.strictObject({
  /** Edited on the notifications page: messages are held back and told together at the end of a window. */
  quiet: z
    .array(quietWindow)
    .max(20, 'at most 20 windows')
    .meta({ title: 'Quiet hours', widget: 'elsewhere', order: 1 }),
  low: z.enum(['at once', 'digest', 'never']).meta({
    title: 'Messages of low severity',
    choices: [
      { value: 'at once', title: 'Tell at once' },
      { value: 'digest', title: 'Tell once a day, together' },
      { value: 'never', title: 'Never tell' },
    ],
    order: 4,
  }),
  digestAt: clockTime.meta({ title: 'Once a day at', order: 5 }),
  mostAnHour: z.number().int('a whole number').min(1, 'at least 1').max(1_000, 'at most 1000').meta({
    title: 'Most messages an hour to one channel',
    description: 'What is more is told together in one message. Critical ones are always told at once.',
    order: 6,
  }),
});
export type NotificationSettings = z.output<typeof notificationSettings>;
