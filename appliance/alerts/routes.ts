import type { Host } from '../../protocol/hosts.ts';
import {
  acknowledgeAlert,
  commentAlert,
  hostForecasts,
  listAlerts,
  listPending,
  readAlert,
  resolveAlert,
  snoozeAlert,
} from '../../protocol/routes/alerts.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { Actions } from './actions.ts';
import type { Alerts, AlertsParts } from './alerts.ts';
import { asAlert } from './documents.ts';
import { outlooksOf } from './forecasts.ts';

export interface AlertRouteParts extends Pick<AlertsParts, 'now' | 'describe' | 'query'> {
  alerts: Alerts;
  visible(session: Session, hostId: string): Host;
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

  routes.serve(hostForecasts, async ({ session, params }) => {
    const host = visible(session, params.hostId);
    const checks = alerts.checksOf(host).filter(({ input }) => input === 'trend');
    return (await outlooksOf(host, checks, parts)).map(({ series: { metric, attributes }, limit, found, text }) => {
      const { kind, ...rest } = found;
      return { metric, attributes, limit, ...rest, outlook: kind, reason: text };
    });
  });
}
