import type { CostOverview, HostCost, PowerNow } from '../../protocol/routes/cost.ts';
import { formatValue, NBSP, NOTHING } from '../format.ts';
import { language, msg } from '../msg.ts';

const formats = new Map<string, Intl.NumberFormat>();

/** An amount with as many decimals as its currency has; tariffs with `more`. */
export function money(value: number | undefined, currency: string, more = 0): string {
  if (value === undefined || !Number.isFinite(value)) return NOTHING;
  const key = `${language()} ${currency} ${more}`;
  const known = formats.get(key);
  const digits = more > 0 ? { minimumFractionDigits: 2, maximumFractionDigits: 2 + more } : {};
  const format = known ?? new Intl.NumberFormat(language(), { style: 'currency', currency, ...digits });
  formats.set(key, format);
  // A little is not nothing, and rounding must not show a debt of nothing.
  if (more === 0 && value > 0 && value < 0.005) return `<${format.format(0.01)}`;
  return format.format(Math.abs(value) < 0.005 && more === 0 ? 0 : value);
}

/** Energy in kWh, below one in Wh. */
export function energy(kwh: number | undefined): string {
  if (kwh === undefined || !Number.isFinite(kwh)) return NOTHING;
  const isSmall = Math.abs(kwh) < 1 && kwh !== 0;
  const value = isSmall ? kwh * 1_000 : kwh;
  const digits = Math.abs(value) < 10 ? 1 : 0;
  const text = new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value);
  return `${text}${NBSP}${isSmall ? 'Wh' : 'kWh'}`;
}

export const power = (watts: number | undefined): string => formatValue(watts, 'W');

/** `±20 %`. */
export const plusMinus = (share: number): string => `±${Math.max(1, Math.round(share * 100))}${NBSP}%`;

/** How far a figure can be believed: `measured`, `modelled ±20 %`, `guess ±50 %`. */
export function trust({ confidence, uncertainty = 0 }: Pick<PowerNow, 'confidence' | 'uncertainty'>): string {
  if (confidence === undefined) return msg('not known');
  if (confidence === 'measured') return msg('measured');
  const off = plusMinus(uncertainty);
  return confidence === 'modelled' ? msg('modelled {off}', { off }) : msg('guess {off}', { off });
}

/** Watts with a sign where nobody measured them. */
export function shortPower({ watts, confidence }: Pick<PowerNow, 'watts' | 'confidence'>): string {
  if (watts === undefined) return NOTHING;
  return confidence === 'measured' ? power(watts) : `≈${NBSP}${power(watts)}`;
}

/** Source and trust in one line. */
export const sourceText = (row: PowerNow): string =>
  row.source ? `${row.source.title} · ${trust(row)}` : (row.problem ?? msg('not known'));

/** A day as the API takes it, by the clocks of a zone. */
export function dayIn(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(at);
}

/** `2026-05-03` so many days later; calendars know no clocks. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** First day of the month of `day`, or of one so many months after it. */
export function monthOf(day: string, plus = 0): string {
  const [year = 1970, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + plus, 1)).toISOString().slice(0, 10);
}

/** Month or day of a step by the clocks of the zone. */
export function stepText(at: number, by: 'hour' | 'day' | 'month', timeZone: string): string {
  const options: Intl.DateTimeFormatOptions =
    by === 'month'
      ? { month: 'short', year: '2-digit' }
      : by === 'day'
        ? { day: 'numeric', month: 'short' }
        : { hour: '2-digit', minute: '2-digit', day: 'numeric', month: 'short', hourCycle: 'h23' };
  return new Intl.DateTimeFormat(language(), { timeZone, ...options }).format(at);
}

/** Of what is spent and foreseen against the budget of the month. */
export function budgetText({ budget, currency }: Pick<CostOverview, 'budget' | 'currency'>): string {
  if (!budget) return '';
  const amount = money(budget.amount, currency);
  if (budget.state === 'exceeded') return msg('over the budget of {amount}', { amount });
  if (budget.state === 'will-exceed') return msg('will exceed the budget of {amount}', { amount });
  return msg('within the budget of {amount}', { amount });
}

/** The dearest first; of equal ones by name. */
export const byCost = (rows: readonly HostCost[]): HostCost[] =>
  [...rows].sort((a, b) => b.month.cost - a.month.cost || a.name.localeCompare(b.name));

/** Between which amounts the month will end. */
export const boundsText = (month: { low: number; high: number } | undefined, currency: string): string =>
  month
    ? msg('{low} to {high}', { low: money(month.low, currency), high: money(month.high, currency) })
    : msg('There is no energy to judge by yet');
