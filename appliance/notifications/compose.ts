import type { Alert, Transition } from '../../protocol/alerts.ts';
import { showValue } from '../show-value.ts';
import type { FactDetail } from './known-facts.ts';
import { type Message, timeText } from './message.ts';

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

/** What is known besides the alert itself. */
export interface Known extends FactDetail {
  /** `1.82 TB of 2 TB` */
  space?: string | undefined;
}

/** The message of one transition. Alert and number of the transition make its id, so that it is told once. */
export function composed(
  { alert, transition, action, causes, space }: { alert: Alert; transition: Transition } & Known,
  { site, timeZone, url }: Surroundings,
): Message {
  const { id, hostName, severity, title, remedy, value, threshold, sinceAt, firedAt } = alert;
  const over = isEnd(transition);
  const facts = [
    ...(condition(alert) === 'absent' ? [{ name: 'Last seen', value: timeText(sinceAt, timeZone) }] : []),
    ...(space === undefined ? [] : [{ name: 'Used', value: space }]),
    ...(value === undefined ? [] : [{ name: 'Value', value: shown(alert, value) }]),
    ...(threshold === undefined ? [] : [{ name: 'Threshold', value: shown(alert, threshold) }]),
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
    causes: over ? [] : (causes ?? causesOf(alert)),
    ...(!over && remedy !== undefined && { suggestion: remedy }),
    ...(action !== undefined && { action }),
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

/** In the unit of the series where it is a level of it; six digits of anything else, which is more than anybody compares. */
const shown = ({ condition: { id }, series }: Alert, value: number): string =>
  LEVELS.includes(id) && series ? showValue(value, series.unit) : String(Number(value.toPrecision(6)));

const causesOf = (alert: Alert): readonly string[] =>
  CAUSES[condition(alert)] ?? METRIC_CAUSES.find(([start]) => alert.series?.metric.startsWith(start))?.[1] ?? [];

const METRIC_CAUSES: readonly (readonly [string, readonly string[]])[] = [
  ['system.filesystem.', ['logs or caches that nobody cleans up', 'backups or recordings that are kept too long']],
  ['system.memory.', ['a program that grows', 'more programs than the machine has room for']],
  ['system.cpu.', ['a program that runs away', 'a backup, an update or a scan at work']],
  ['hw.temperature', ['dust or a dead fan', 'a warm room', 'much work']],
];

/** What is behind it most often, in the order in which one looks. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  absent: ['powered off', 'network', 'agent stopped'],
  'series absent': ['sensor or disk removed', 'agent may no longer read it'],
  forecast: ['something grows that is never cleaned up'],
};

const RANK = ['low', 'medium', 'high', 'critical'] as const;
const MOST_LINES = 100;

/** The worst severity among messages. */
export const worstOf = (messages: readonly Pick<Message, 'severity'>[]): Message['severity'] =>
  RANK[Math.max(0, ...messages.map(({ severity }) => RANK.indexOf(severity)))] ?? 'low';

type Sent = Omit<Message, 'chart'>;

/** Several messages as one: the worst severity, a line for each; `why` says why they come together. */
export function gathered(messages: readonly Sent[], why?: string): Sent | undefined {
  const [first] = messages;
  if (!first || (messages.length === 1 && why === undefined)) return first;
  if (messages.length === 1) return { ...first, text: `${first.text}\n(${why})` };
  const line = ({ at, timeZone, title, state }: Sent): string =>
    `${timeText(at, timeZone)} – ${title}${state === 'resolved' ? ' (resolved)' : ''}`;
  const { site, timeZone, link } = first;
  const more = messages.length - MOST_LINES;
  return {
    id: `digest.${first.id}`,
    state: 'info',
    severity: worstOf(messages),
    site,
    title: `${messages.length} messages of ${site}`,
    text: [
      ...(why === undefined ? [] : [why]),
      ...messages.slice(0, MOST_LINES).map(line),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n'),
    at: Math.max(...messages.map(({ at }) => at)),
    timeZone,
    facts: [],
    causes: [],
    ...(link !== undefined && { link: link.replace(/\/alerts[/?][^/]*$/, '/alerts') }),
  };
}
