import { z } from 'zod';

const atLeast = (least: number, unit: string) => `keep them for at least ${least} ${unit}`;
const years = 20;
const tooLong = `${years} years is the most`;

const days = (least: number) =>
  z
    .number()
    .min(least, atLeast(least, least === 1 ? 'day' : 'days'))
    .max(years * 366, tooLong);

/** What people decide about history: how long each tier is kept (HIS-2), how much disk it may take, how it writes. */
const fields = z.strictObject({
  rawHours: z
    .number()
    .min(2, atLeast(2, 'hours'))
    .max(years * 366 * 24, tooLong)
    .meta({
      title: 'Values as they came, hours',
      description: 'Hosts that send once a minute or less often keep theirs as long as 1-minute values.',
      order: 1,
    }),
  minuteDays: days(1).meta({ title: '1-minute values, days', order: 2 }),
  fiveMinuteDays: days(1).meta({ title: '5-minute values, days', order: 3 }),
  hourDays: days(1).meta({ title: '1-hour values, days', order: 4 }),
  budgetGigabytes: z.number().min(0.1, 'history needs at least 0.1 GB').max(100_000, 'use at most 100000 GB').meta({
    title: 'Disk for history, GB',
    description:
      'You are warned from 80 %. At 100 % the oldest values as they came go first, then the oldest of the next tier.',
    order: 5,
  }),
  lowWear: z.enum(['auto', 'on', 'off']).meta({
    title: 'Spare the storage',
    description:
      'Writes less often, for SD cards. What a host sent is in charts at once either way, and safe with its agent until it is written.',
    choices: [
      { value: 'auto', title: 'When data is on an SD card or a USB stick' },
      { value: 'on', title: 'Always' },
      { value: 'off', title: 'Never' },
    ],
    order: 6,
  }),
  recordDays: days(90).meta({
    title: 'Other records, days',
    description: 'Alerts, findings, audits, snapshots, actions and reports.',
    order: 7,
  }),
});

type Fields = z.output<typeof fields>;
type Span = { name: keyof Fields; hours: number; title: string };

const spansOf = ({ rawHours, minuteDays, fiveMinuteDays, hourDays }: Fields): Span[] => [
  { name: 'rawHours', hours: rawHours, title: 'values as they came' },
  { name: 'minuteDays', hours: minuteDays * 24, title: '1-minute values' },
  { name: 'fiveMinuteDays', hours: fiveMinuteDays * 24, title: '5-minute values' },
  { name: 'hourDays', hours: hourDays * 24, title: '1-hour values' },
];

export const historySettings = fields.superRefine((value, context) => {
  const spans = spansOf(value);
  for (const [at, { name, hours, title }] of spans.entries()) {
    const finer = spans[at - 1];
    if (!finer || hours >= finer.hours) continue;
    const least = Math.ceil(finer.hours / 24);
    const message = `keep ${title} at least as long as ${finer.title}: enter ${least} or more, or keep ${finer.title} shorter`;
    context.addIssue({ code: 'custom', path: [name], message });
  }
});
export type HistorySettings = z.output<typeof historySettings>;

/** What is kept when nobody said otherwise (HIS-2); the budget depends on the disk and is chosen at the first start. */
export const HISTORY_DEFAULTS = {
  rawHours: 24,
  minuteDays: 30,
  fiveMinuteDays: 365,
  hourDays: 1_826,
  lowWear: 'auto',
  recordDays: 365,
} as const satisfies Omit<HistorySettings, 'budgetGigabytes'>;
