import { html } from 'lit';
import type { CostSeries } from '../../protocol/routes/cost.ts';
import { formatValue, NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import type { Column } from '../parts/table-rows.ts';
import { energyColumns } from './energy-columns.ts';
import { stepText } from './words.ts';

interface Month {
  at: number;
  kwh: number;
  cost: number;
  change: number | undefined;
  isOpen: boolean;
}

/** Months of which anything is known, the newest first, each with its change against the one before. */
export function monthsOf({ at, groups, standing }: CostSeries): Month[] {
  const sums = at.map((begin, step) => ({
    at: begin,
    kwh: groups.reduce((sum, { kwh }) => sum + (kwh[step] ?? 0), 0),
    cost: groups.reduce((sum, { cost }) => sum + (cost[step] ?? 0), 0) + (standing[step] ?? 0),
  }));
  const known = sums.filter(({ kwh }) => kwh > 0);
  const months = known.map((month, n) => {
    const before = known[n - 1];
    const isOpen = month.at === at.at(-1);
    // A month that is not over is compared with nothing.
    const change = before && before.kwh > 0 && !isOpen ? month.kwh / before.kwh - 1 : undefined;
    return { ...month, change, isOpen };
  });
  return months.reverse();
}

/** Months beside each other as a table. */
export function monthTable(series: CostSeries) {
  const months = monthsOf(series);
  const columns: Column<Month>[] = [
    {
      id: 'name',
      title: msg('Month'),
      isHeading: true,
      cell: ({ at, isOpen }) => `${stepText(at, 'month', series.timeZone)}${isOpen ? ` (${msg('so far')})` : ''}`,
    },
    ...energyColumns(series.currency),
    {
      id: 'change',
      title: msg('Against the month before'),
      align: 'end',
      cell: ({ change }) =>
        html`<span class="value">${change === undefined ? NOTHING : `${change >= 0 ? '+' : '−'}${formatValue(Math.abs(change), '1')}`}</span>`,
    },
  ];
  return html`<reeve-table compact name="months-" label=${msg('Months')} .columns=${columns} .rows=${months} .keyOf=${({ at }: Month) => String(at)}
    >${msg('Nothing is known of any month yet.')}</reeve-table
  >`;
}
