import { isDeepStrictEqual } from 'node:util';
import type { Host } from '../../protocol/hosts.ts';
import {
  askWhatIf,
  exportCost,
  readCost,
  readCostPattern,
  readCostSeries,
  readHostCost,
  readIdle,
} from '../../protocol/routes/cost.ts';
import { changeTariffs, importSpot, readTariffs, type TariffBook } from '../../protocol/routes/tariffs.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { DAY_MS } from '../spans.ts';
import { sumOf } from './bill.ts';
import type { Cost } from './cost.ts';
import { figureOf, slotRange } from './costs.ts';
import { containersOf, cpuOf, idleHosts, type ReadDoings } from './doings.ts';
import { hostCostOf } from './overview.ts';
import { csvOf, headOf, patternOf, seriesOf } from './series.ts';
import { serveSources } from './source-routes.ts';
import { SpotError, spotFromCsv } from './spot.ts';
import { whatIf } from './what-if.ts';

export interface CostRouteParts {
  cost: Cost;
  now: () => number;
  read: ReadDoings;
  visible(session: Session, hostId: string): Host;
}

export function serveCost(routes: Routes, parts: CostRouteParts): void {
  const { cost, read, visible, now } = parts;
  const { costs, power } = cost;
  routes.serve(readCost, ({ session }) => cost.overview(session.siteId));
  routes.serve(readCostSeries, ({ session, query }) => seriesOf(session.siteId, costs, query));
  routes.serve(readCostPattern, async ({ session, query }) => {
    if (query.hostId !== undefined) visible(session, query.hostId);
    return { ...(await patternOf(session.siteId, costs, query)), ...headOf(session.siteId, costs) };
  });
  routes.serve(exportCost, async ({ session, query, setHeader }) => {
    const series = await seriesOf(session.siteId, costs, { ...query, group: 'host' });
    setHeader('content-disposition', `attachment; filename="cost-${query.from}-${query.to}.csv"`);
    return csvOf(series);
  });
  routes.serve(readIdle, async ({ session }) => ({
    ...(await idleHosts(session.siteId, costs, read)),
    currency: costs.parts.general(session.siteId).currency,
  }));
  routes.serve(readHostCost, async ({ session, params }) => {
    const host = visible(session, params.hostId);
    const { priced, ...answer } = await hostCostOf(session.siteId, host, { costs, power });
    const use = priced.uses.find(({ hostId }) => hostId === host.id);
    const range = slotRange(priced.slots, { from: now() - 30 * DAY_MS, to: now() });
    const figure = use ? figureOf(sumOf(use.wh, priced.unit, range)) : { kwh: 0, cost: 0 };
    return { ...answer, containers: await containersOf(host, { ...figure, to: now() }, read) };
  });
  routes.serve(askWhatIf, ({ session, body }) =>
    whatIf(session.siteId, body.wish, {
      costs,
      power,
      visible: (hostId) => visible(session, hostId),
      cpuOf: (hostId, span) => cpuOf(read, hostId, span),
    }),
  );
  serveTariffs(routes, parts);
  serveSources(routes, parts);
}

function serveTariffs(routes: Routes, { cost }: CostRouteParts): void {
  const { books, spots } = cost;
  const bookOf = (siteId: string): TariffBook => {
    const { rev, versions, budget } = books.of(siteId);
    const own = new Set(books.of(siteId).machines.map(({ id }) => id));
    return {
      ...{ rev, versions },
      ...(budget !== undefined && { budget }),
      machines: books.machinesOf(siteId).map((each) => ({ ...each, isOwn: own.has(each.id) })),
      spot: spots.spanOf(siteId),
    };
  };
  routes.serve(readTariffs, ({ session }) => bookOf(session.siteId));
  routes.serve(changeTariffs, async ({ session, body, note }) => {
    const { rev, ...text } = body;
    const before = bookOf(session.siteId);
    const { machines } = books.of(session.siteId);
    await books.change(session.siteId, rev, text);
    cost.booksChanged(session.siteId, { hasOtherMachines: !isDeepStrictEqual(text.machines, machines) });
    const after = bookOf(session.siteId);
    const shown = ({ versions, budget }: TariffBook) => ({ versions, budget });
    note({ before: shown(before), after: shown(after) });
    return after;
  });
  routes.serve(importSpot, async ({ session, body, note }) => {
    const { prices } = readPrices(body);
    await spots.import(session.siteId, prices);
    cost.changed(session.siteId);
    const imported = { imported: prices.length, from: prices[0]?.[0] ?? 0, to: prices.at(-1)?.[0] ?? 0 };
    note({ detail: imported });
    return imported;
  });
}

function readPrices({ csv, per }: { csv: string; per: 'kWh' | 'MWh' }) {
  try {
    return spotFromCsv(csv, per);
  } catch (error) {
    if (!(error instanceof SpotError)) throw error;
    throw new Problem('invalid-request', error.message, [{ path: 'body.csv', message: error.message }]);
  }
}
