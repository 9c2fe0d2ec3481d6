import type { Alert, Transition } from '../../protocol/alerts.ts';
import { categoryOf } from './category.ts';
import { composed, isEnd, type Known, type Surroundings, worstOf } from './compose.ts';
import type { Message } from './message.ts';

/** One transition that people are told of, with what is known besides. */
export interface Told extends Known {
  alert: Alert;
  transition: Transition;
}

/** The rest is in the dashboard. */
const MOST_LINES = 40;

/** Several transitions of an incident as one message; of one it is the message of that one. Its id is made of the first. */
export function incidentMessage(
  items: readonly [Told, ...Told[]],
  surroundings: Surroundings,
  incidentId: string,
): Message {
  const [first] = items;
  if (items.length === 1) return composed(first, surroundings);
  const messages = items.map((item) => composed(item, surroundings));
  const { site, timeZone, url } = surroundings;
  const lines = messages
    .slice(0, MOST_LINES)
    .map((each) => `${each.title}${each.state === 'resolved' ? ' (resolved)' : ''}`);
  const more = messages.length - lines.length;
  const ends = items.filter(({ transition }) => isEnd(transition)).length;
  return {
    id: `${first.alert.id}.${first.transition.n}`,
    state: ends === items.length ? 'resolved' : 'firing',
    severity: worstOf(messages),
    site,
    title: titleOf(items, ends),
    text: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    at: Math.max(...items.map(({ transition }) => transition.at)),
    timeZone,
    facts: [{ name: 'Alerts', value: String(new Set(items.map(({ alert }) => alert.id)).size) }],
    causes: ends === 0 && items.every(isOffline) ? ['power', 'a switch or router that they share', 'network'] : [],
    link: `${url}/alerts?incidentId=${incidentId}`,
  };
}

function titleOf(items: readonly Told[], ends: number): string {
  const begun = items.length - ends;
  if (items.every(isOffline)) {
    if (ends === 0) return `${begun} hosts are offline`;
    if (begun === 0) return `${ends} hosts report again`;
    return `${begun} hosts are offline, ${ends} report again`;
  }
  if (ends === 0) return `${begun} alerts`;
  return begun === 0 ? `${ends} alerts are over` : `${begun} alerts, ${ends} are over`;
}

const isOffline = ({ alert }: Told): boolean => categoryOf(alert) === 'offline';
