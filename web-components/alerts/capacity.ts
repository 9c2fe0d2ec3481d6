import type { Descriptor } from '../../protocol/metrics.ts';
import { attributeLabel } from '../live/card-values.ts';
import type { AnswerItem } from '../paging.ts';
import type { Points } from '../parts/spark-path.ts';

type OfHost = AnswerItem<'GET /api/v1/capacity'>;
export type Capacity = OfHost['forecasts'][number] & { hostId: string; hostName: string; what: string };

/** One row for each series, with what it is called. */
export function capacitiesOf(
  hosts: readonly OfHost[],
  describe: (metric: string) => Descriptor | undefined,
): Capacity[] {
  return hosts.flatMap(({ hostId, hostName, forecasts }) =>
    forecasts.map((each) => {
      const label = attributeLabel(each.attributes);
      const title = describe(each.metric)?.title ?? each.metric;
      return { ...each, hostId, hostName, what: label ? `${title} ${label}` : title };
    }),
  );
}

/** What is full comes first, then what is full soonest, then the fullest. */
export function urgencyOf({ outlook, at = Number.MAX_SAFE_INTEGER, level, trend, limit }: Capacity): number {
  if (outlook === 'reached') return 0;
  if (outlook === 'reaches') return at;
  const share = (level ?? trend.at(-1)?.[1] ?? 0) / (limit || 1);
  return Number.MAX_SAFE_INTEGER * (1 - Math.min(1, Math.max(0, share)) / 1e6);
}

/** A trend as a small line draws it. */
export const pointsOf = ({ trend }: Pick<Capacity, 'trend'>): Points => ({
  length: trend.length,
  at: (index) => trend[index]?.[0] ?? 0,
  value: (index) => trend[index]?.[1] ?? Number.NaN,
});
