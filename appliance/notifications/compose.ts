import type { Alert, Transition } from '../../protocol/alerts.ts';
import type { Message } from './message.ts';
import { timeText } from './message.ts';

export interface Surroundings {
  site: string;
  timeZone: string;
  /** Address of the dashboard, without a slash at its end. */
  url: string;
}

/** Ends of an alert; the rest says that it goes on. */
const ENDS: readonly Transition['kind'][] = ['resolved'];
const NOTES: readonly Transition['kind'][] = ['acknowledged', 'snoozed', 'commented', 'fresh'];

export const isEnd = ({ kind }: Transition): boolean => ENDS.includes(kind);

/** The message of one transition. Alert and number of the transition make its id, so that it is told once. */
export function composed(alert: Alert, transition: Transition, { site, timeZone, url }: Surroundings): Message {
  const { id, hostName, severity, title, remedy, value, threshold, sinceAt, firedAt } = alert;
  const over = isEnd(transition);
  const facts = [
    ...(condition(alert) === 'absent' ? [{ name: 'Last seen', value: timeText(sinceAt, timeZone) }] : []),
    ...(value === undefined ? [] : [{ name: 'Value', value: rounded(value) }]),
    ...(threshold === undefined ? [] : [{ name: 'Threshold', value: rounded(threshold) }]),
    { name: over ? 'Fired' : 'Since', value: timeText(over ? firedAt : sinceAt, timeZone) },
    { name: 'Rule', value: alert.ruleTitle },
  ];
  return {
    id: `${id}.${transition.n}`,
    state: over ? 'resolved' : NOTES.includes(transition.kind) ? 'info' : 'firing',
    severity,
    site,
    ...(hostName !== undefined && { host: hostName }),
    title: hostName === undefined || title.includes(hostName) ? title : `${hostName}: ${title}`,
    text: transition.text || alert.reason,
    at: transition.at,
    timeZone,
    facts,
    causes: over ? [] : (CAUSES[condition(alert)] ?? []),
    ...(!over && remedy !== undefined && { suggestion: remedy }),
    link: `${url}/alerts/${id}`,
    ...chartSubject(alert, transition),
  };
}

/** Conditions whose level is one of the series; others compare a trend or a change with theirs. */
const LEVELS = ['above', 'below', 'outside'];

/** What a chart of the alert is to show; nothing for one that is about no series. */
function chartSubject({ hostId, series, threshold, sinceAt, condition: { id } }: Alert, { at }: Transition) {
  if (hostId === undefined || !series) return {};
  const { metric, attributes, unit } = series;
  const known = {
    ...(unit !== undefined && { unit }),
    ...(threshold !== undefined && LEVELS.includes(id) && { threshold }),
  };
  return { chartOf: { hostId, metric, attributes, ...known, sinceAt, at, isSlow: id === 'forecast' } };
}

/** `absent` only where a whole host is silent. */
const condition = ({ condition: { id }, series }: Alert): string => (id === 'absent' && series ? 'series absent' : id);

/** Six digits are more than anybody compares. */
const rounded = (value: number): string => String(Number(value.toPrecision(6)));

/** What is behind it most often, in the order in which one looks. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  absent: ['powered off', 'network', 'agent stopped'],
  'series absent': ['sensor or disk removed', 'agent may no longer read it'],
  forecast: ['something grows that is never cleaned up'],
};

const RANK = ['low', 'medium', 'high', 'critical'] as const;

/** Several messages as one: the worst severity, a line for each. */
export function gathered(messages: readonly Omit<Message, 'chart'>[]): Omit<Message, 'chart'> | undefined {
  const [first] = messages;
  if (!first || messages.length === 1) return first;
  const worst = RANK[Math.max(...messages.map(({ severity }) => RANK.indexOf(severity)))] ?? 'low';
  const line = ({ at, timeZone, title, state }: Omit<Message, 'chart'>): string =>
    `${timeText(at, timeZone)} – ${title}${state === 'resolved' ? ' (resolved)' : ''}`;
  const { site, timeZone, link } = first;
  return {
    id: `digest.${first.id}`,
    state: 'info',
    severity: worst,
    site,
    title: `${messages.length} messages of ${site}`,
    text: messages.map(line).join('\n'),
    at: Math.max(...messages.map(({ at }) => at)),
    timeZone,
    facts: [],
    causes: [],
    ...(link !== undefined && { link: link.replace(/\/alerts\/[^/]*$/, '/alerts') }),
  };
}
