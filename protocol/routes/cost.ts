// Over 250 lines: every question about power and cost with its whole answer, a list to be read from top to bottom.
import { z } from 'zod';
import { COST_LIMITS, confidence, localDay, machine, tariffRule, tariffVersion, tariffVersions } from '../cost.ts';
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
const forAdmins = { access: 'admin', site: 'none' } as const;
const hostParams = z.object({ hostId: documentId });
const reading = ['not-signed-in', 'invalid-request'] as const;
const refused = ['not-signed-in', 'not-allowed', 'invalid-request'] as const;

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

const book = z.object({
  /** 0 = nothing was written yet: the price of the general settings holds. */
  rev: z.number().int(),
  versions: z.array(tariffVersion),
  /** For a calendar month, standing charge included. */
  budget: z.number().exactOptional(),
  /** Shipped ones, and the site’s own. */
  machines: z.array(machine.extend({ isOwn: z.boolean() })),
  spot: z.object({ count: z.number().int(), from: instant.exactOptional(), to: instant.exactOptional() }),
});
export type TariffBook = z.infer<typeof book>;

export const readTariffs = route({
  id: 'cost.tariffs',
  method: 'GET',
  path: '/api/v1/cost/tariffs',
  ...ofSite,
  summary: 'Reads tariffs, budget and machines of this site',
  answer: book,
  errors: ['not-signed-in'],
});

export const changeTariffs = route({
  id: 'cost.changeTariffs',
  method: 'PUT',
  path: '/api/v1/cost/tariffs',
  ...forAdmins,
  summary: 'Changes tariffs, budget and own machines; a past tariff that is corrected corrects the past',
  body: z.strictObject({
    rev: z.number().int().min(0),
    versions: tariffVersions,
    budget: z.number().min(0, 'a budget is 0 or more').max(1e9).exactOptional(),
    machines: z
      .array(machine)
      .max(100, 'at most 100 machines')
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'each machine has an id of its own')
      .default([]),
  }),
  answer: book,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const importSpot = route({
  id: 'cost.importSpot',
  method: 'POST',
  path: '/api/v1/cost/spot-prices',
  ...forAdmins,
  summary: 'Imports prices of energy from CSV: a moment with its zone and a price on each line',
  body: z.strictObject({
    csv: z
      .string()
      .min(1, 'paste lines as 2026-05-03T13:00+02:00;0.21')
      .max(COST_LIMITS.csvBytes, 'at most 2 MB: import it in parts'),
    /** What the prices are of. */
    per: z.enum(['kWh', 'MWh']).default('kWh'),
  }),
  answer: z.object({ imported: z.number().int(), from: instant, to: instant }),
  errors: [...refused, 'storage-unavailable'],
});

export const listSourceKinds = route({
  id: 'cost.sourceKinds',
  method: 'GET',
  path: '/api/v1/cost/source-kinds',
  ...ofSite,
  summary: 'Lists where the watts of a host may come from, with the form of each',
  answer: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        hint: z.string(),
        confidence,
        form: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
  errors: ['not-signed-in'],
});

const chosen = z.object({
  /** 0 = nobody chose one. */
  rev: z.number().int(),
  kind: z.string().exactOptional(),
  value: z.record(z.string(), z.unknown()),
  standbyWatts: z.number().exactOptional(),
  /** What a calibration found: mean error as a share. */
  calibration: z.object({ at: instant, hours: z.number(), error: z.number() }).exactOptional(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  now: powerNow,
});
export type PowerSourceView = z.infer<typeof chosen>;

const ofHost = { site: 'record', params: hostParams } as const;
const given = {
  kind: z.string().max(40),
  /** As the form of its kind says; a secret that is absent or `{set: …}` stays. */
  value: z.record(z.string(), z.unknown()),
};

export const readSource = route({
  id: 'cost.source',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/power-source',
  access: 'viewer',
  ...ofHost,
  summary: 'Reads where the watts of a host come from',
  answer: chosen,
  errors: ['not-signed-in', 'not-found'],
});

export const chooseSource = route({
  id: 'cost.chooseSource',
  method: 'PUT',
  path: '/api/v1/hosts/:hostId/power-source',
  access: 'admin',
  ...ofHost,
  summary: 'Chooses where the watts of a host come from; it holds from now on',
  body: z.strictObject({
    rev: z.number().int().min(0),
    ...given,
    standbyWatts: z.number().min(0, 'a power is 0 W or more').max(1_000, 'at most 1000 W').exactOptional(),
  }),
  answer: chosen,
  errors: [...refused, 'not-found', 'conflict', 'storage-unavailable'],
});

export const forgetSource = route({
  id: 'cost.forgetSource',
  method: 'DELETE',
  path: '/api/v1/hosts/:hostId/power-source',
  access: 'admin',
  ...ofHost,
  summary: 'Takes the chosen source away: the best that the host offers by itself holds again',
  answer: chosen,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'storage-unavailable'],
});

export const testSource = route({
  id: 'cost.testSource',
  method: 'POST',
  path: '/api/v1/hosts/:hostId/power-source/test',
  access: 'admin',
  ...ofHost,
  summary: 'Reads a meter once with these settings, without choosing it',
  body: z.strictObject(given),
  answer: z.object({
    watts: z.number().exactOptional(),
    totalKwh: z.number().exactOptional(),
    /** Why there is no reading, with the cure. */
    problem: z.string().exactOptional(),
  }),
  errors: [...refused, 'not-found', 'too-many-requests'],
});

export const calibrate = route({
  id: 'cost.calibrate',
  method: 'POST',
  path: '/api/v1/hosts/:hostId/power-source/calibration',
  access: 'admin',
  ...ofHost,
  summary: 'Finds the model that fits what a meter measured on this host, so that the meter may be taken away',
  body: z.strictObject({
    hours: z
      .number()
      .int()
      .min(1)
      .max(24 * 31)
      .default(24),
    /** Chooses the model that was found; else it is only shown. */
    apply: z.boolean().default(false),
  }),
  answer: z.object({
    model: z.enum(['model', 'rapl']),
    /** Of the model: idle and full load; of RAPL: base load and factor. */
    values: z.record(z.string(), z.number()),
    /** Hours in which both were known. */
    hours: z.number(),
    meanWatts: z.number(),
    /** Mean difference of an hour, as a share. */
    error: z.number(),
    isApplied: z.boolean(),
  }),
  errors: [...refused, 'not-found', 'conflict', 'storage-unavailable'],
});

export const costRoutes = [
  ...[readCost, readCostSeries, readCostPattern, exportCost, readIdle, readHostCost, askWhatIf],
  ...[readTariffs, changeTariffs, importSpot, listSourceKinds],
  ...[readSource, chooseSource, forgetSource, testSource, calibrate],
] as const;
