import { z } from 'zod';
import { WEEKDAY_TITLES, WEEKDAYS } from './backup.ts';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time as 03:30');

/** Whether the flashed system installs new versions by itself, when, and from where. */
export const updateSettings = z
  .strictObject({
    schedule: z.enum(['never', 'daily', 'weekly']).meta({
      title: 'Install new versions by itself',
      description:
        'The machine restarts for it, and goes back by itself where the new version does not become healthy.',
      choices: [
        { value: 'never', title: 'Never' },
        { value: 'daily', title: 'Every night' },
        { value: 'weekly', title: 'One night a week' },
      ],
      order: 1,
    }),
    weekday: z.enum(WEEKDAYS).meta({
      title: 'Night of the week',
      choices: WEEKDAYS.map((value) => ({ value, title: WEEKDAY_TITLES[value] })),
      order: 2,
    }),
    from: time.meta({ title: 'From', description: 'In the time zone of the first site.', order: 3 }),
    until: time.meta({
      title: 'Until',
      description: 'Where the machine was off, nothing is made up later than this.',
      order: 4,
    }),
    url: z
      .union([
        z.literal(''),
        z.url({ protocol: /^https?$/, error: 'a full address such as http://192.168.1.5/reeve.update' }),
      ])
      .pipe(z.string().max(500))
      .meta({
        title: 'Address of the update',
        description: 'Of a file on the LAN that always is the newest one.',
        order: 5,
      }),
  })
  .refine(({ schedule, url }) => schedule === 'never' || url !== '', {
    path: ['url'],
    error: 'say where new versions are',
  });
export type UpdateSettings = z.output<typeof updateSettings>;
