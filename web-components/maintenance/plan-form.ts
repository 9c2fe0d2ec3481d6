import type { Host } from '../../protocol/hosts.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import type { AlertMatch, MaintenanceSchedule } from '../../protocol/silences.ts';
import { msg } from '../msg.ts';
import { dayChoices } from '../notifications/words.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import type { RequestOf } from '../rest.ts';
import { SEVERITIES, severityWord } from '../severity.ts';

export type SilenceBody = RequestOf<'POST /api/v1/silences'>['body'];
export type PlanBody = RequestOf<'POST /api/v1/maintenance-windows'>['body'];
type Values = Readonly<Record<string, unknown>>;

/** What the forms choose from. */
export interface Known {
  hosts: readonly Pick<Host, 'id' | 'name' | 'tags'>[];
  rules: readonly { id: string; title: string }[];
}

const HOUR = 3_600_000;
const byWord = (a: string, b: string): number => a.localeCompare(b);

/** Fields that say which alerts are meant; without any of them all are. */
function matchFields({ hosts, rules }: Known): Record<string, JsonSchema> {
  const tags = [...new Set(hosts.flatMap((host) => host.tags))].sort(byWord);
  return {
    hostIds: {
      ...{ type: 'array', widget: 'picks', title: msg('Hosts'), order: 10 },
      choices: hosts.map(({ id, name }) => ({ value: id, title: name })),
    },
    tags: {
      ...{ type: 'array', widget: 'words', title: msg('Hosts with any of these tags'), order: 11 },
      description: msg('Without hosts and tags it is about all of the site.'),
      choices: tags.map((value) => ({ value, title: value })),
    },
    ruleIds: {
      ...{ type: 'array', widget: 'picks', title: msg('Only alerts of these rules'), order: 12 },
      choices: rules.map(({ id, title }) => ({ value: id, title })),
    },
    severities: {
      ...{ type: 'array', widget: 'picks', title: msg('Only these severities'), order: 13 },
      empty: msg('none picked: all'),
      choices: SEVERITIES.map((value) => ({ value, title: severityWord(value) })),
    },
  };
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const matchOf = (values: Values): AlertMatch => ({
  hostIds: texts(values.hostIds),
  tags: texts(values.tags),
  ruleIds: texts(values.ruleIds),
  severities: texts(values.severities) as AlertMatch['severities'],
});

const reason = (): JsonSchema => ({
  ...{ type: 'string', title: msg('Reason'), order: 1 },
  description: msg('Whoever wonders why nobody was told reads it.'),
});
const moment = (title: string, order: number): JsonSchema => ({
  ...{ type: 'integer', widget: 'moment', title, order },
  description: msg('By the clock of this device.'),
});

/** The form of a silence. */
export const silenceSchema = (known: Known): JsonSchema => ({
  properties: {
    reason: reason(),
    startsAt: { ...moment(msg('From'), 2), description: msg('Empty: from now on.') },
    endsAt: moment(msg('Until'), 3),
    ...matchFields(known),
  },
  required: ['reason', 'endsAt'],
});

/** What a new silence begins with: the next hour. */
export const newSilence = (now: number, hostIds: readonly string[]): Values => ({ endsAt: now + HOUR, hostIds });

/** What is sent of that form. */
export const sentSilence = (values: Values): SilenceBody => ({
  reason: String(values.reason ?? ''),
  match: matchOf(values),
  endsAt: values.endsAt as number,
  ...(values.startsAt !== undefined && { startsAt: values.startsAt as number }),
});

export type PlanKind = MaintenanceSchedule['kind'];

const kindChoices = () => [
  { value: 'once', title: msg('Once') },
  { value: 'weekly', title: msg('Every week') },
  { value: 'cron', title: msg('By a cron expression') },
];

/** The form of a maintenance window of one kind. */
export function planSchema(kind: PlanKind, known: Known): JsonSchema {
  const zone = { type: 'string', widget: 'time-zone', title: msg('Time zone'), order: 7 };
  const when: Record<PlanKind, Record<string, JsonSchema>> = {
    once: { startsAt: moment(msg('From'), 3), endsAt: moment(msg('Until'), 4) },
    weekly: {
      days: { type: 'array', widget: 'picks', title: msg('Begins on'), choices: dayChoices(), order: 3 },
      from: { type: 'string', title: msg('From'), order: 4 },
      to: {
        ...{ type: 'string', title: msg('Until'), order: 5 },
        description: msg('Earlier than the beginning: on the next day.'),
      },
      timeZone: { ...zone, description: msg('Empty: that of the site.') },
    },
    cron: {
      cron: {
        ...{ type: 'string', title: msg('Begins at'), order: 3 },
        description: msg('Minute, hour, day, month, weekday: 0 3 1 * * is 3:00 on the first of each month.'),
      },
      minutes: { type: 'integer', title: msg('For, minutes'), order: 4 },
      timeZone: { ...zone, description: msg('Empty: that of the site.') },
    },
  };
  return {
    properties: {
      title: { type: 'string', title: msg('Title'), order: 0 },
      reason: reason(),
      kind: { type: 'string', title: msg('When'), choices: kindChoices(), order: 2 },
      ...when[kind],
      ...matchFields(known),
    },
    required: ['title', 'reason', 'kind', 'startsAt', 'endsAt', 'days', 'from', 'to', 'cron', 'minutes'],
  };
}

/** What a new window begins with: tonight, and for the other kinds a night of the week. */
export const newPlan = (now: number): Values => ({
  ...{ kind: 'once', startsAt: now + HOUR, endsAt: now + 3 * HOUR },
  ...{ days: [7], from: '02:00', to: '04:00', cron: '0 3 1 * *', minutes: 120 },
});

/** A window that there is, as its form shows it. */
export const planValues = ({ title, reason, match, schedule, timeZone }: PlanBody): Values => ({
  ...{ title, reason },
  ...match,
  ...schedule,
  ...(timeZone !== undefined && { timeZone }),
});

/** What is sent of that form; only what its kind has use for. */
export function sentPlan(values: Values, isEnabled: boolean): PlanBody {
  const { startsAt, endsAt, days, from, to, cron, minutes } = values;
  const schedules: Record<PlanKind, unknown> = {
    once: { kind: 'once', startsAt, endsAt },
    weekly: { kind: 'weekly', days, from, to },
    cron: { kind: 'cron', cron: cron ?? '', minutes },
  };
  const kind = values.kind as PlanKind;
  const zone = kind === 'once' ? undefined : values.timeZone;
  return {
    title: String(values.title ?? ''),
    reason: String(values.reason ?? ''),
    match: matchOf(values),
    schedule: schedules[kind] as MaintenanceSchedule,
    ...(typeof zone === 'string' && zone !== '' && { timeZone: zone }),
    isEnabled,
  };
}

/** Problems of the API at the fields of these forms. */
export const atPlan = ({ path, message }: FieldProblem): FieldProblem => ({
  path: path.replace(/^body\.(?:(?:match|schedule)\.)?/, ''),
  message,
});
