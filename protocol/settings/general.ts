import { z } from 'zod';

/** Says whether this machine knows the time zone; names only, because an offset such as `+02:00` knows no summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

let currencies: ReadonlySet<string> | undefined;
const isCurrency = (code: string): boolean => {
  currencies ??= new Set(Intl.supportedValuesOf('currency'));
  return currencies.has(code);
};

/** An IANA time zone, `Europe/Berlin`. */
export const timeZone = z
  .string()
  .trim()
  .max(64)
  .refine(isTimeZone, 'name a time zone of the IANA list, such as Europe/Berlin or UTC')
  .meta({ title: 'Time zone', description: 'Days, weeks and times of jobs and reports.', widget: 'time-zone' });

/** An ISO 4217 code, `EUR`. */
export const currency = z
  .string()
  .trim()
  .toUpperCase()
  .refine(isCurrency, 'use the three letters of ISO 4217, such as EUR or USD')
  .meta({ title: 'Currency', widget: 'currency' });

/** Price of electricity in `currency` per kWh. */
export const pricePerKwh = z
  .number()
  .min(0, 'a price is 0 or more')
  .max(1_000_000, 'a price per kWh is at most 1000000')
  .meta({
    title: 'Electricity price per kWh',
    description: 'In the currency above; what energy costs is reckoned with it.',
  });

/** What holds for a whole site and belongs to no feature. Its name is in the document of the site. */
export const generalSettings = z.strictObject({
  timeZone: timeZone.meta({ order: 1 }),
  currency: currency.meta({ order: 2 }),
  pricePerKwh: pricePerKwh.meta({ order: 3 }),
});
export type GeneralSettings = z.output<typeof generalSettings>;
