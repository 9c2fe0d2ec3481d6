import type { Host } from '../../protocol/hosts.ts';
import { seriesKey } from '../../protocol/metrics.ts';
import {
  acknowledgeAlert,
  commentAlert,
  hostForecasts,
  listAlerts,
  listPending,
  readAlert,
  resolveAlert,
  siteForecasts,
  snoozeAlert,
} from '../../protocol/routes/alerts.ts';
import { pageOf, sorted } from '../paging.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { Actions } from './actions.ts';
import type { Alerts, AlertsParts } from './alerts.ts';
import { asAlert } from './documents.ts';
import { type Outlook, outlooksOf } from './forecasts.ts';

export interface AlertRouteParts extends Pick<AlertsParts, 'now' | 'describe' | 'query'> {
  alerts: Alerts;
  visible(session: Session, hostId: string): Host;
  hostsOf(session: Session): Host[];
}

/** Alerts for those who look at them, and what they do with them. */
export function serveAlerts(routes: Routes, parts: AlertRouteParts): void {
  const { alerts, now, visible } = parts;
  const { book } = alerts;
  const actions = new Actions({ book, now, resolve: (record) => alerts.resolve(record) });

  routes.serve(listAlerts, async ({ session, query }) => {
    if (query.hostId !== undefined) visible(session, query.hostId);
    const { items, next } = await book.find({ ...query, siteId: session.siteId });
    return { items: items.map(asAlert), ...(next !== undefined && { next }) };
  });

  routes.serve(listPending, ({ session: { siteId } }) =>
    alerts.pending(siteId).map(({ host, entry: { check, subject, judge } }) => ({
      ruleId: check.rule.id,
      ruleTitle: check.fields.title,
      severity: check.fields.severity,
      ...(host && { hostId: host.id, hostName: host.name }),
      ...(subject.kind === 'series' && { metric: subject.metric, attributes: subject.attributes }),
      sinceAt: Math.round(judge?.pendingAt ?? 0),
      forMs: check.fields.forMs,
    })),
  );

  routes.serve(readAlert, async ({ session, params }) => asAlert(await actions.read(session, params.alertId)));

  routes.serve(acknowledgeAlert, async ({ session, params, body, note }) => {
    const record = await actions.acknowledge({ session, ...params, ...body });
    note({ detail: { title: record.title } });
    return asAlert(record);
  });

  routes.serve(resolveAlert, async ({ session, params, body, note }) => {
    const record = await actions.resolve({ session, ...params, ...body });
    note({ detail: { title: record.title } });
    return asAlert(record);
  });

  routes.serve(commentAlert, async ({ session, params, body, note }) => {
    const record = await actions.comment({ session, ...params, ...body });
    note({ detail: { title: record.title, comment: body.comment } });
    return asAlert(record);
  });

  routes.serve(snoozeAlert, async ({ session, params, body, note }) => {
    const record = await actions.snooze({ session, ...params, ...body });
    note({ detail: { title: record.title, minutes: body.minutes } });
    return asAlert(record);
  });

  serveForecasts(routes, parts);
}

/** Each costs a reading of a month: the rest is on the next page. */
const HOSTS_AT_ONCE = 25;

function serveForecasts(routes: Routes, parts: AlertRouteParts): void {
  const { alerts, visible, hostsOf } = parts;

  /** Of each series once, however many rules look at it. */
  async function forecastsOf(host: Host, lookBackDays?: number) {
    const found = new Map<string, Outlook>();
    const checks = alerts.checksOf(host).filter(({ input }) => input === 'trend');
    const asked = checks.map((check) =>
      lookBackDays === undefined ? check : { ...check, settings: { ...check.settings, lookBackDays } },
    );
    for (const each of await outlooksOf(host, asked, parts)) {
      const key = seriesKey(each.series);
      if (!found.has(key)) found.set(key, each);
    }
    return [...found.values()].map(
      ({ series: { metric, attributes }, limit, found: { kind, ...rest }, text, trend }) => ({
        ...{ metric, attributes, limit, ...rest },
        ...{ outlook: kind, reason: text, trend },
      }),
    );
  }

  routes.serve(hostForecasts, ({ session, params }) => forecastsOf(visible(session, params.hostId)));

  routes.serve(siteForecasts, async ({ session, query, signal }) => {
    const idOf = ({ id }: Host): string => id;
    const { items, next } = pageOf(
      sorted(hostsOf(session), idOf),
      { ...query, limit: Math.min(query.limit, HOSTS_AT_ONCE) },
      idOf,
    );
    const hosts = [];
    for (const host of items) {
      signal.throwIfAborted();
      hosts.push({ hostId: host.id, hostName: host.name, forecasts: await forecastsOf(host, query.days) });
    }
    return { items: hosts, ...(next !== undefined && { next }) };
  });
}
