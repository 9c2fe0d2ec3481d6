// Part of the second stage: what hosts take, and what that costs.
import { Cost } from '../cost/cost.ts';
import { POWER_DESCRIPTORS } from '../cost/power-series.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import type { State } from './state.ts';

const METER_MS = 5 * SECOND_MS;
const COUNTERS_MS = HOUR_MS;
const BUDGET_MS = 10 * MINUTE_MS;

/** Meters listen from here on; frames come later. */
export async function openCost(state: State, sitesOf: () => readonly string[], stops: Stops): Promise<Cost> {
  const { documents, hub, log, now, seal, inventory, history, settings, descriptors } = state;
  const cost = await Cost.open({
    ...{ documents, seal, now, history },
    lookUp: (name) => process.env[name],
    log: log.child({ component: 'cost' }),
    host: (id) => inventory.get(id),
    hosts: () => inventory.all(),
    general: (siteId) => settings.of('general', siteId).value,
    read: (query) => history.query(query),
    tellBudget: (siteId) =>
      void tellBudgets([siteId]).catch((error) => log.error({ err: error }, 'the budget could not be looked at')),
    measured: ({ siteId }, { hostId, at, series, values }) => {
      const receivedAt = now();
      hub.emit('frame', {
        ...{ siteId, hostId, at, receivedAt, late: false, grade: 'durable', series, values, isAside: true },
      });
    },
    announce: ({ id, siteId }) => {
      hub.emit('series', { siteId, hostId: id, series: [...history.seriesOf(id)] });
      descriptors
        .learn(siteId, POWER_DESCRIPTORS)
        .catch((error) => log.error({ err: error }, 'what power is could not be kept'));
    },
  });
  stops.add('power meters', () => cost.close());
  stops.every(METER_MS, 'power meters', () => cost.power.tick());
  stops.every(COUNTERS_MS, 'counters of power meters', () => cost.power.save());
  const tellBudgets = async (siteIds: readonly string[]): Promise<void> => {
    for (const fact of await cost.budgets(siteIds)) hub.emit('fact', fact);
  };
  stops.every(BUDGET_MS, 'budgets', () => tellBudgets(sitesOf()));
  hub.on('host', ({ before, after }) => cost.hostChanged(before, after));
  hub.on('site', ({ before, after }) => (before && !after ? cost.forgetSite(before.id) : undefined));
  hub.on('settings', ({ section, siteId }) => (section === 'general' ? cost.changed(siteId) : undefined));
  return cost;
}
