import type { AlertHead } from '../../protocol/live.ts';
import type { RequestOf } from '../rest.ts';

/** What stands in the address of the alerts page, each empty when it is not asked for. */
export interface AlertFilter {
  view: 'active' | 'history';
  /** Of active ones `waiting`, `acknowledged` or `snoozed`; of the history `active` or `resolved`. */
  status: string;
  severity: string;
  host: string;
  rule: string;
  text: string;
  /** `1h`, `24h`, `7d`, `30d`, or `days` for the days between `since` and `until`. */
  time: string;
  since: string;
  until: string;
  /** Only what was told together. */
  incidentId: string;
}

export const FILTER_NAMES = [
  'status',
  'severity',
  'host',
  'rule',
  'text',
  'time',
  'since',
  'until',
  'incidentId',
] as const;

const HOUR = 3_600_000;
export const SPANS: Readonly<Record<string, number>> = {
  '1h': HOUR,
  '24h': 24 * HOUR,
  '7d': 168 * HOUR,
  '30d': 720 * HOUR,
};

/** Reads the filter from the address. */
export function readFilter(query: URLSearchParams): AlertFilter {
  const of = (name: (typeof FILTER_NAMES)[number]): string => query.get(name) ?? '';
  const rest = Object.fromEntries(FILTER_NAMES.map((name) => [name, of(name)])) as Omit<AlertFilter, 'view'>;
  // What was told together may be over by now: only the history has it all.
  const isPast = query.get('view') === 'history' || rest.incidentId !== '';
  return { view: isPast ? 'history' : 'active', ...rest };
}

/** Whether anything is asked for beside the view. */
export const isFiltered = (filter: AlertFilter): boolean => FILTER_NAMES.some((name) => filter[name] !== '');

/** The stretch of time that the filter asks for, in epoch ms; days are those of this device. */
export function stretchOf({ time, since, until }: AlertFilter, now: number): { from?: number; to?: number } {
  const spanMs = SPANS[time];
  if (spanMs !== undefined) return { from: now - spanMs };
  if (time !== 'days') return {};
  const from = dayStart(since, 0);
  const to = dayStart(until, 1);
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function dayStart(text: string, days: number): number | undefined {
  const [year, month, day] = text.split('-').map(Number);
  if (!year || !month || !day) return undefined;
  return new Date(year, month - 1, day + days).getTime();
}

/** Whether an alert is what the filter asks for, as the appliance would say. */
export function fits(alert: AlertHead, filter: AlertFilter, now: number): boolean {
  const { from = 0, to = Number.POSITIVE_INFINITY } = stretchOf(filter, now);
  return (
    hasStatus(alert, filter.status) &&
    (filter.severity === '' || alert.severity === filter.severity) &&
    (filter.host === '' || alert.hostId === filter.host) &&
    (filter.rule === '' || alert.ruleId === filter.rule) &&
    (filter.incidentId === '' || alert.incidentId === filter.incidentId) &&
    alert.firedAt >= from &&
    alert.firedAt < to &&
    wordsOf(alert).includes(filter.text.trim().toLowerCase())
  );
}

function hasStatus({ status, snoozedUntil }: AlertHead, wanted: string): boolean {
  if (wanted === '') return true;
  if (wanted === 'active') return status !== 'resolved';
  if (wanted === 'snoozed') return snoozedUntil !== undefined;
  if (wanted === 'waiting') return status === 'open' && snoozedUntil === undefined;
  return status === wanted;
}

const wordsOf = ({ title, hostName = '', reason, ruleTitle }: AlertHead): string =>
  `${title} ${hostName} ${reason} ${ruleTitle}`.toLowerCase();

type Query = NonNullable<RequestOf<'GET /api/v1/alerts'>['query']>;

/** The filter as `GET /api/v1/alerts` wants it. Words that it would refuse are left out, so that an old link still shows a list. */
export function queryOf(filter: AlertFilter, now: number): Query {
  const { status, severity, host, rule, text, incidentId } = filter;
  const id = (value: string): string | undefined => (/^[0-9a-f-]{36}$/.test(value) ? value : undefined);
  const one = <T extends string>(value: string, known: readonly T[]): T | undefined =>
    known.find((each) => each === value);
  const { from, to } = stretchOf(filter, now);
  return {
    status: one(status, ['active', 'open', 'acknowledged', 'resolved']),
    severity: one(severity, ['critical', 'high', 'medium', 'low']),
    hostId: id(host),
    incidentId: id(incidentId),
    ruleId: rule === '' ? undefined : rule,
    text: text.trim() === '' ? undefined : text.trim().slice(0, 100),
    from,
    to,
  };
}
