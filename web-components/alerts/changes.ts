import type { Host } from '../../protocol/hosts.ts';
import type { AlertHead } from '../../protocol/live.ts';
import { msg } from '../msg.ts';
import type { Level } from '../parts/levels.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';
import { severityLevel } from '../severity.ts';

/** Something that changed on a host. */
export interface Change {
  at: number;
  text: string;
  /** Who did it, where a person or key did. */
  who?: string;
  href?: string;
  level?: Level;
}

interface About {
  alert: AlertHead;
  host: Host;
  from: number;
  to: number;
}

/** Where changes of a host come from; what adds a kind of change (drift, actions) adds a line here. */
export interface ChangeSource {
  id: string;
  of(about: About): Promise<readonly Change[]> | readonly Change[];
}

const otherAlerts: ChangeSource = {
  id: 'alerts',
  async of({ alert, host, from, to }) {
    const { items } = await call('GET /api/v1/alerts', { query: { hostId: host.id, from, to, limit: 50 } });
    return items
      .filter(({ id }) => id !== alert.id)
      .map(({ id, title, firedAt, severity }) => ({
        at: firedAt,
        text: title,
        href: `/alerts/${id}`,
        level: severityLevel(severity),
      }));
  },
};

const hostItself: ChangeSource = {
  id: 'host',
  of({ host }) {
    const { facts, createdAt, name } = host;
    const boot = facts?.bootAt === undefined ? [] : [{ at: facts.bootAt, text: msg('{name} was started', { name }) }];
    return [...boot, { at: createdAt, text: msg('{name} was added to Reeve', { name }) }];
  },
};

/** What people and agents did with the host or the rule; for those who may read the audit trail. */
const trail: ChangeSource = {
  id: 'trail',
  async of({ alert, host, from, to }) {
    if (!may('admin')) return [];
    const ask = (text: string) => call('GET /api/v1/audit-trail', { query: { text, from, to, limit: 50 } });
    const answers = await Promise.all([ask(host.id), ask(alert.ruleId)]);
    const entries = new Map(answers.flatMap(({ items }) => items).map((entry) => [entry.id, entry]));
    return [...entries.values()]
      .filter(({ what }) => !/^alerts?\./.test(what))
      .map(({ at, title, who }) => ({ at, text: title, who }));
  },
};

export const changeSources: readonly ChangeSource[] = [otherAlerts, hostItself, trail];

/** More is history, not "just before". */
const LOOK_BACK_MS = 24 * 3_600_000;
const MOST = 12;

/** What changed on a host within a day before an alert fired, the newest first. A source that fails makes the whole fail. */
export async function changesBefore(alert: AlertHead, host: Host): Promise<readonly Change[]> {
  const to = alert.firedAt + 1;
  const from = alert.sinceAt - LOOK_BACK_MS;
  const found = await Promise.all(changeSources.map((source) => source.of({ alert, host, from, to })));
  return found
    .flat()
    .filter(({ at }) => at >= from && at < to)
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST);
}
