import { z } from 'zod';
import { condition, forgetful } from './condition.ts';

const settings = z.strictObject({
  limit: z
    .number()
    .default(1)
    .meta({ title: 'Limit', widget: 'level', description: 'The value at which it is full.', order: 1 }),
  withinDays: z
    .number()
    .min(0.5, 'half a day is the least')
    .max(365, 'a year is the most')
    .default(7)
    .meta({ title: 'Reached within, days', order: 2 }),
  lookBackDays: z
    .number()
    .min(1, 'one day is the least')
    .max(90, '90 days is the most')
    .default(7)
    .meta({ title: 'Trend of the last, days', order: 3 }),
});
export type ForecastSettings = z.output<typeof settings>;

/** Clear again only when the forecast has moved so much further away, because it sways. */
const CLEAR_FACTOR = 1.25;

/** A series whose trend reaches its limit soon; `trend.ts` says how the trend is found. */
export const forecast = condition({
  id: 'forecast',
  title: 'Reaches a limit soon',
  input: 'trend',
  settings,
  open({ limit, withinDays }) {
    const of = (days: number) => (days <= withinDays ? 'broken' : days > withinDays * CLEAR_FACTOR ? 'clear' : 'near');
    return forgetful(of, { threshold: limit, says: (show) => `reaches ${show(limit)} within ${withinDays} days` });
  },
});
