import { html, nothing } from 'lit';
import type { CostOverview, HostCost } from '../../protocol/routes/cost.ts';
import { formatValue, NOTHING } from '../format.ts';
import { msg, plural } from '../msg.ts';
import '../parts/notice.ts';
import '../parts/state-icon.ts';
import { tile } from './tile.ts';
import { boundsText, budgetText, energy, money, plusMinus, power } from './words.ts';

/** Whether the power of any host is known, or was in this month. */
export const areKnown = (hosts: readonly HostCost[]): boolean =>
  hosts.some(({ source, month }) => source !== undefined || month.kwh > 0);

/** The figures at the head of the page: now, today, the month and where it leads, a year; and hours that nobody knows the price of. */
export function figures(overview: CostOverview) {
  const { projectedMonth, yearAtThisRate, currency, uncertainty, unpricedHours } = overview;
  const whole = wholeIn(currency);
  const isOver = overview.budget !== undefined && overview.budget.state !== 'ok';
  const budget = isOver
    ? html`<reeve-state level="warning" word=${budgetText(overview)}></reeve-state>`
    : projectedMonth && budgetText(overview);
  const year = yearAtThisRate && [
    energy(yearAtThisRate.kwh),
    uncertainty === undefined ? '' : msg('energy {off}', { off: plusMinus(uncertainty) }),
  ];
  return html`<dl class="tiles">
    ${pastTiles(overview)}
    ${tile(msg('By its end'), projectedMonth ? whole(projectedMonth) : NOTHING, [boundsText(projectedMonth, currency), budget ?? ''])}
    ${tile(msg('A year at this rate'), yearAtThisRate ? whole(yearAtThisRate) : NOTHING, year ?? [])}
  </dl>
  ${unpricedHours > 0 ? unpriced(unpricedHours) : nothing}`;
}

function pastTiles({ currency, today, month, watts, priceNow, tariff, hosts }: CostOverview) {
  const areMeasured = hosts.every((host) => host.watts === undefined || host.confidence === 'measured');
  // Of hosts whose power nobody knows the sum is not nothing.
  const now = hosts.some((host) => host.watts !== undefined) ? power(watts) : NOTHING;
  const isKnown = areKnown(hosts);
  const whole = wholeIn(currency);
  const standing =
    month.standing > 0 ? msg('{amount} of it standing charge', { amount: money(month.standing, currency) }) : '';
  const price = msg('{price} per kWh', { price: money(priceNow, currency, 2) });
  const co2 = msg('{kg} kg CO₂', { kg: formatValue(month.co2Kg, '') });
  return html`${tile(msg('Now'), areMeasured ? now : `≈ ${now}`, [price, tariff])}
    ${tile(msg('Today'), isKnown || today.standing > 0 ? whole(today) : NOTHING, [isKnown ? energy(today.kwh) : ''])}
    ${tile(msg('This month'), isKnown || month.standing > 0 ? whole(month) : NOTHING, [isKnown ? `${energy(month.kwh)} · ${co2}` : '', standing])}`;
}

const wholeIn =
  (currency: string) =>
  ({ cost, standing }: { cost: number; standing: number }): string =>
    money(cost + standing, currency);

function unpriced(hours: number) {
  const heading = plural(Math.ceil(hours), {
    one: '{count} hour of this month has no spot price',
    other: '{count} hours of this month have no spot price',
  });
  return html`<reeve-notice kind="warning" heading=${heading}>
    <p>${msg('They are reckoned with the tariff’s own price until prices are imported.')}</p>
    <a href="/cost/tariffs">${msg('Import prices')}</a>
  </reeve-notice>`;
}
