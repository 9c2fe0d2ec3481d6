import type { TariffRule, TariffVersion } from '../../protocol/cost.ts';
import { language, msg } from '../msg.ts';
import { money } from './words.ts';

export const dayNames = (): string[] =>
  Array.from({ length: 7 }, (_, day) =>
    new Intl.DateTimeFormat(language(), { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2000, 0, 3 + day)),
  );

export const monthNames = (): string[] =>
  Array.from({ length: 12 }, (_, month) =>
    new Intl.DateTimeFormat(language(), { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2000, month, 15)),
  );

/** Numbers in order as spans: 1, 2, 3, 6 → `Mon–Wed, Sat`. */
export function spansText(numbers: readonly number[], names: readonly string[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const spans: [number, number][] = [];
  for (const number of sorted) {
    const last = spans.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else spans.push([number, number]);
  }
  const name = (number: number): string => names[number - 1] ?? String(number);
  return spans.map(([from, to]) => (from === to ? name(from) : `${name(from)}–${name(to)}`)).join(', ');
}

/** `Night 0.20, 22:00–06:00, Mon–Fri`. */
export function ruleText({ title, price, from, to, weekdays, months }: TariffRule, currency: string): string {
  const window = from === undefined && to === undefined ? '' : `${from ?? '00:00'}–${to ?? '24:00'}`;
  const parts = [
    `${title} ${money(price, currency, 2)}`,
    window,
    weekdays ? spansText(weekdays, dayNames()) : '',
    months ? spansText(months, monthNames()) : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A tariff as lines of words. */
export function versionLines(version: TariffVersion, currency: string): string[] {
  const { price, rules, tiers, spot, standingPerDay, standingPerMonth, taxPercent, co2PerKwh } = version;
  const amount = (value: number): string => money(value, currency, 2);
  return [
    spot
      ? msg('Spot price × {factor} + {add}; without one {price}', {
          factor: spot.factor,
          add: amount(spot.add),
          price: amount(price),
        })
      : msg('{price} per kWh', { price: amount(price) }),
    ...(spot ? [] : rules.map((rule) => ruleText(rule, currency))),
    ...tiers.map(({ aboveKwh, add }) => msg('above {kwh} kWh a month {add} more', { kwh: aboveKwh, add: amount(add) })),
    ...(standingPerDay > 0 ? [msg('{amount} a day', { amount: amount(standingPerDay) })] : []),
    ...(standingPerMonth > 0 ? [msg('{amount} a month', { amount: amount(standingPerMonth) })] : []),
    ...(taxPercent > 0 ? [msg('{tax} % tax on it', { tax: taxPercent })] : []),
    msg('{grams} g CO₂ per kWh', { grams: co2PerKwh }),
  ];
}
