import type { CostOverview } from '../../protocol/routes/cost.ts';
import type { FactEvent } from '../hub.ts';

const money = (value: number, currency: string): string => `${value.toFixed(2)} ${currency}`;

/** What a site's budget says, as a fact: spent already is worse than foreseen. */
export function budgetFact(siteId: string, { at, currency, budget }: CostOverview): FactEvent {
  const fact = { siteId, kind: 'budget', key: 'month', at } as const;
  if (!budget || budget.state === 'ok')
    return { ...fact, state: 'ok', severity: 'medium', text: 'The month stays within its budget' };
  const { amount, spent, projected = spent } = budget;
  if (budget.state === 'exceeded')
    return {
      ...{ ...fact, state: 'wrong', severity: 'high' },
      text: `Energy of this month has cost ${money(spent, currency)}, more than its budget of ${money(amount, currency)}`,
    };
  return {
    ...{ ...fact, state: 'wrong', severity: 'medium' },
    // Rounded up to whole amounts, so that the alert is not written anew with each cent.
    text: `Energy of this month will cost about ${Math.ceil(projected)} ${currency}, more than its budget of ${money(amount, currency)}`,
  };
}
