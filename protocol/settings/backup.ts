import { z } from 'zod';

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export const WEEKDAY_TITLES: Record<(typeof WEEKDAYS)[number], string> = {
  sunday: 'Sunday',
  monday: 'Monday',
  tuesday: 'Tuesday',
  wednesday: 'Wednesday',
  thursday: 'Thursday',
  friday: 'Friday',
  saturday: 'Saturday',
};

/** When backups are made by themselves, where they go, and what they are encrypted with. */
export const backupSettings = z.strictObject({
  schedule: z.enum(['never', 'daily', 'weekly']).meta({
    title: 'Make a backup',
    choices: [
      { value: 'never', title: 'Only when asked' },
      { value: 'daily', title: 'Every day' },
      { value: 'weekly', title: 'Every week' },
    ],
    order: 1,
  }),
  weekday: z.enum(WEEKDAYS).meta({
    title: 'Day of the weekly backup',
    choices: WEEKDAYS.map((value) => ({ value, title: WEEKDAY_TITLES[value] })),
    order: 2,
  }),
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time as 03:30')
    .meta({ title: 'Time', description: 'In the time zone of the first site.', order: 3 }),
  keep: z
    .number()
    .int('a whole number')
    .min(1, 'keep at least 1')
    .max(365, 'keep at most 365')
    .meta({ title: 'How many are kept', description: 'The oldest goes when there is one more.', order: 4 }),
  passphrase: z
    .string()
    .min(10, 'use at least 10 characters')
    .max(1_000, 'use at most 1000 characters')
    .optional()
    .meta({
      title: 'Passphrase',
      description:
        'Encrypts every backup. Keep it somewhere else too: without it a backup opens for nobody. Without a passphrase, keys, accounts, pairings and secrets are left out.',
      secret: true,
      order: 5,
    }),
  folder: z
    .string()
    .max(500)
    .regex(/^(?:\/.*)?$/, 'write a whole path, such as /mnt/nas/reeve')
    .meta({
      title: 'Folder',
      description: 'Of the machine on which Reeve runs; empty: beside its data. On another disk it outlives this one.',
      order: 6,
    }),
});
export type BackupSettings = z.output<typeof backupSettings>;
