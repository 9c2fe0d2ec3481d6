import { z } from 'zod';

/** Most of what a tariff may hold, so that a price line is made in a moment. */
export const COST_LIMITS = { versions: 60, rules: 24, tiers: 12, spotDays: 1_500, csvBytes: 2_000_000 } as const;

const PRICE = 'a price per kWh lies between −1000 and 1000000';
/** Negative prices are prices: who takes energy then is paid for it. */
const price = z.number(PRICE).min(-1_000, PRICE).max(1_000_000, PRICE);

/** `HH:MM` by the clocks of the site, on a quarter of an hour; `24:00` is the end of a day. */
const timeOfDay = z
  .string()
  .regex(
    /^(?:(?:[01]\d|2[0-3]):(?:00|15|30|45)|24:00)$/,
    'write a time on a quarter of an hour, such as 22:00 or 06:30',
  );

/** A day by the clocks of the site, `2026-03-01`. */
export const localDay = z.iso.date('write a day as 2026-03-01');

/** A price that holds at certain times. Of several that fit, the first holds. */
export const tariffRule = z.strictObject({
  title: z.string().trim().min(1, 'name it').max(60, 'use at most 60 characters'),
  price,
  /** 1 = January; absent: all year. */
  months: z.array(z.number().int().min(1).max(12)).min(1).max(12).exactOptional(),
  /** 1 = Monday; absent: every day. After midnight a window belongs to the new day. */
  weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7).exactOptional(),
  /** Window of the day; one that ends before it begins goes over midnight. Absent: the whole day. */
  from: timeOfDay.exactOptional(),
  to: timeOfDay.exactOptional(),
});
export type TariffRule = z.infer<typeof tariffRule>;

/** What holds from midnight of a day on, until the next version begins. The first one holds for the time before it too. */
export const tariffVersion = z.strictObject({
  from: localDay,
  title: z.string().trim().min(1, 'name it').max(60, 'use at most 60 characters').default('Tariff'),
  /** Where no rule fits and no spot price is known. */
  price: price.default(0.24),
  rules: z.array(tariffRule).max(COST_LIMITS.rules, `at most ${COST_LIMITS.rules} rules`).default([]),
  /** Added to the price of each kWh beyond so many in a calendar month, all hosts of the site together. */
  tiers: z
    .array(z.strictObject({ aboveKwh: z.number().min(0).max(1e9), add: price }))
    .max(COST_LIMITS.tiers, `at most ${COST_LIMITS.tiers} steps`)
    .default([]),
  /** Imported prices: price = spot × factor + add. Rules do not hold beside them. */
  spot: z.strictObject({ factor: z.number().min(0).max(100).default(1), add: price.default(0) }).exactOptional(),
  standingPerDay: z.number().min(0).max(1e6).default(0),
  standingPerMonth: z.number().min(0).max(1e7).default(0),
  /** On everything, per cent. */
  taxPercent: z.number().min(0, 'a tax is 0 % or more').max(100, 'a tax is at most 100 %').default(0),
  /** Grams of CO₂ per kWh. */
  co2PerKwh: z.number().min(0).max(3_000, 'at most 3000 g').default(380),
});
export type TariffVersion = z.infer<typeof tariffVersion>;

const inOrder = (versions: readonly { from: string }[]): boolean =>
  versions.every(({ from }, at) => at === 0 || (versions[at - 1]?.from ?? '') < from);

/** Every tariff that a site had, in order; none = the price of the general settings. */
export const tariffVersions = z
  .array(tariffVersion)
  .max(COST_LIMITS.versions, `at most ${COST_LIMITS.versions} tariffs`)
  .refine(inOrder, 'tariffs are in order, and each begins on a day of its own');

/** How far a figure can be believed. */
export const confidence = z.enum(['measured', 'modelled', 'guess']);
export type Confidence = z.infer<typeof confidence>;

/** What a host takes when it idles and under full load, without a monitor. */
export const machine = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use small letters, digits and -'),
  title: z.string().trim().min(1).max(80),
  idleWatts: z.number().min(0).max(20_000),
  fullWatts: z.number().min(0).max(50_000),
  standbyWatts: z.number().min(0).max(1_000).default(0),
});
export type Machine = z.infer<typeof machine>;
