// Over 250 lines: every question about cost with its whole answer, a list to be read from top to bottom.
import { z } from 'zod';
import { confidence, localDay, tariffRule, tariffVersion } from '../cost.ts';
import { documentId, instant } from '../identity.ts';
import { route } from '../route.ts';

/** Energy and what it costs in the currency of the answer, tax included; standing charges are apart. */
const figure = z.object({ kwh: z.number(), cost: z.number(), co2Kg: z.number() });
const withStanding = figure.extend({ standing: z.number() });
/** `low` and `high` are bounds of cost and standing charge together. */
const projection = withStanding.extend({ low: z.number(), high: z.number() });

const source = z.object({
  id: z.string(),
  title: z.string(),
  /** Whether somebody chose it, or it was taken because the host offers it. */
  isChosen: z.boolean(),
});

/** What a host takes now, and how far that can be believed. */
export const powerNow = z.object({
  source: source.exactOptional(),
  confidence: confidence.exactOptional(),
  /** Share by which the truth may lie off. */
  uncertainty: z.number().exactOptional(),
  watts: z.number().exactOptional(),
  at: instant.exactOptional(),
  /** Why there are no watts, with the cure. */
  problem: z.string().exactOptional(),
});
export type PowerNow = z.infer<typeof powerNow>;

const hostCost = powerNow.extend({
  hostId: documentId,
  name: z.string(),
  tags: z.array(z.string()),
  rack: z.string().exactOptional(),
  today: figure,
  month: figure,
  /** Of the month so far: for which share the power is known. */
  knownShare: z.number(),
});
export type HostCost = z.infer<typeof hostCost>;

const budget = z.object({
  amount: z.number(),
  spent: z.number(),
  projected: z.number().exactOptional(),
  state: z.enum(['ok', 'will-exceed', 'exceeded']),
});

export const costOverview = z.object({
  at: instant,
  currency: z.string(),
  timeZone: z.string(),
  /** Sum of the hosts whose power is known now. */
  watts: z.number(),
  /** Per kWh, tax included. */
  priceNow: z.number(),
  tariff: z.string(),
  today: withStanding,
  month: withStanding,
  lastMonth: withStanding,
  year: withStanding,
  /** Absent until there is any energy to judge by. */
  projectedMonth: projection.exactOptional(),
  /** The calendar year: what there was, and what is usual for the rest. */
  projectedYear: projection.exactOptional(),
  /** A year from now on at the present use. */
  yearAtThisRate: projection.exactOptional(),
  /** Share by which the energy of this month may lie off. */
  uncertainty: z.number().exactOptional(),
  /** Hours of this month that go by spot prices and have none. */
  unpricedHours: z.number(),
  budget: budget.exactOptional(),
  hosts: z.array(hostCost),
});
export type CostOverview = z.infer<typeof costOverview>;

const ofSite = { access: 'viewer', site: 'none' } as const;
const hostParams = z.object({ hostId: documentId });
const reading = ['not-signed-in', 'invalid-request'] as const;

export const readCost = route({
  id: 'cost.overview',
  method: 'GET',
  path: '/api/v1/cost',
  ...ofSite,
  summary: 'Tells what the hosts of this site take and cost: today, this month, this year, projected, and each host',
  answer: costOverview,
  errors: ['not-signed-in'],
});

const span = {
  /** First day and the day after the last, by the clocks of the site. */
  from: localDay,
  to: localDay,
};

export const costSeries = z.object({
  currency: z.string(),
  timeZone: z.string(),
  by: z.enum(['hour', 'day', 'month']),
  /** Beginning of each step. */
  at: z.array(instant),
  groups: z.array(z.object({ id: z.string(), name: z.string(), kwh: z.array(z.number()), cost: z.array(z.number()) })),
  standing: z.array(z.number()),
});
export type CostSeries = z.infer<typeof costSeries>;

export const readCostSeries = route({
  id: 'cost.series',
  method: 'GET',
  path: '/api/v1/cost/series',
  ...ofSite,
  summary: 'Tells energy and cost of each hour, day or month, by host, tag or rack',
  query: z.object({
    ...span,
    by: z.enum(['hour', 'day', 'month']).default('day'),
    group: z.enum(['host', 'tag', 'rack']).default('host'),
  }),
  answer: costSeries,
  errors: reading,
});

/** Means of each hour of each weekday: seven lists, Monday first, of 24. */
const week = z.array(z.array(z.number().nullable()));

export const readCostPattern = route({
  id: 'cost.pattern',
  method: 'GET',
  path: '/api/v1/cost/pattern',
  ...ofSite,
  summary: 'Tells the usual power and cost of each hour of the week',
  query: z.object({ ...span, hostId: documentId.optional() }),
  answer: z.object({
    currency: z.string(),
    timeZone: z.string(),
    /** W. */
    watts: week,
    /** Cost of such an hour. */
    cost: week,
  }),
  errors: [...reading, 'not-found'],
});

export const exportCost = route({
  id: 'cost.export',
  method: 'GET',
  path: '/api/v1/cost/export',
  ...ofSite,
  summary: 'Energy and cost of each host and hour, day or month as CSV',
  query: z.object({ ...span, by: z.enum(['hour', 'day', 'month']).default('day') }),
  answer: 'text/csv',
  errors: reading,
});

export const readIdle = route({
  id: 'cost.idle',
  method: 'GET',
  path: '/api/v1/cost/idle',
  ...ofSite,
  summary: 'Lists hosts that mostly idle, with what that costs in a year',
  answer: z.object({
    currency: z.string(),
    /** Days that were looked at. */
    days: z.number(),
    items: z.array(
      z.object({
        hostId: documentId,
        name: z.string(),
        /** Share of its hours in which it did next to nothing. */
        idleShare: z.number(),
        /** Mean in those hours, W. */
        idleWatts: z.number(),
        costPerYear: z.number(),
      }),
    ),
  }),
  errors: ['not-signed-in'],
});

export const readHostCost = route({
  id: 'cost.host',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/cost',
  access: 'viewer',
  site: 'record',
  summary: 'Tells what one host takes and costs, by whom that is known, and the share of each of its containers',
  params: hostParams,
  answer: hostCost.extend({
    currency: z.string(),
    lastMonth: figure,
    year: figure,
    projectedMonth: projection.exactOptional(),
    /** Of the energy of the last 30 days, by the processors’ time; `name` empty = all that is in no container. */
    containers: z.array(z.object({ name: z.string(), share: z.number(), kwh: z.number(), cost: z.number() })),
  }),
  errors: ['not-signed-in', 'not-found'],
});

const timeOfDay = tariffRule.shape.from.unwrap();

const wish = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sleep'),
    hostId: documentId,
    from: timeOfDay,
    to: timeOfDay,
    weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7).exactOptional(),
    /** Taken meanwhile; absent: what the host’s source says, or 2 W. */
    standbyWatts: z.number().min(0).max(1_000).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('replace'),
    hostId: documentId,
    machine: z.string().max(40),
    /** Of the new machine. */
    price: z.number().min(0).max(1e7).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('tariff'), tariff: tariffVersion.omit({ from: true }) }),
]);
export type Wish = z.infer<typeof wish>;

export const whatIfAnswer = z.object({
  currency: z.string(),
  /** Days that were looked back on; everything below is of a year of days like them. */
  days: z.number(),
  before: withStanding,
  after: withStanding,
  savedPerMonth: z.number(),
  savedPerYear: z.number(),
  /** Months until a price is saved. */
  paybackMonths: z.number().exactOptional(),
  uncertainty: z.number(),
  /** What it was reckoned of. */
  numbers: z.array(z.object({ title: z.string(), value: z.number(), unit: z.string() })),
  /** What it leaves out. */
  caveat: z.string(),
});
export type WhatIf = z.infer<typeof whatIfAnswer>;

export const askWhatIf = route({
  id: 'cost.whatIf',
  method: 'POST',
  path: '/api/v1/cost/what-if',
  ...ofSite,
  summary: 'Reckons what a change would save: a host asleep at night, another machine, another tariff',
  body: z.strictObject({ wish }),
  answer: whatIfAnswer,
  unrecorded: true,
  errors: [...reading, 'not-found'],
});

export const costRoutes = [
  ...[readCost, readCostSeries, readCostPattern, exportCost, readIdle, readHostCost, askWhatIf],
] as const;
