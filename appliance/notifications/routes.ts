import { z } from 'zod';
import {
  addChannel,
  addNotificationRoute,
  changeChannel,
  changeNotificationRoute,
  listChannelKinds,
  listChannels,
  listDeliveries,
  listNotificationRoutes,
  removeChannel,
  removeNotificationRoute,
  testChannel,
} from '../../protocol/routes/notifications.ts';
import { newId } from '../ids.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Routes } from '../serve.ts';
import { mayDo } from '../session.ts';
import { type Collection, ConflictError } from '../store/documents.ts';
import type { ChannelPlugin } from './channel.ts';
import type { ChannelView, ConfiguredChannels } from './configured.ts';
import type { RouteRecord } from './documents.ts';
import type { OutboxEntry } from './entries.ts';
import type { Notifier } from './notifier.ts';
import type { Outbox } from './outbox.ts';
import type { PushBrowsers } from './push/browsers.ts';
import { servePush } from './push/routes.ts';

export interface NotificationRouteParts {
  plugins: readonly ChannelPlugin[];
  channels: ConfiguredChannels;
  routes: Collection<RouteRecord>;
  outbox: Outbox;
  notifier: Notifier;
  browsers: PushBrowsers;
  now: () => number;
}

const TESTS_A_MINUTE = 10;
const MINUTE_MS = 60_000;

export function serveNotifications(routes: Routes, parts: NotificationRouteParts): void {
  serveChannels(routes, parts);
  serveRoutes(routes, parts);
  const { channels, outbox, browsers } = parts;
  servePush(routes, { browsers, channelsOf: (siteId) => pushChannels(channels, siteId) });

  routes.serve(listDeliveries, async ({ session, query }) => {
    const names = new Map(channels.list(session.siteId).map(({ id, name }) => [id, name]));
    const all = await outbox.list(session.siteId);
    const mine = all.filter(
      (entry) =>
        (!query.alertId || isAbout(entry, query.alertId)) &&
        (!query.state || entry.state === query.state) &&
        (!query.channelId || entry.channelId === query.channelId),
    );
    const from = query.cursor === undefined ? 0 : mine.findIndex(({ id }) => id < (query.cursor ?? ''));
    const items = from < 0 ? [] : mine.slice(from, from + query.limit);
    const last = items.at(-1);
    const isMore = last !== undefined && mine.at(-1) !== last;
    return { items: items.map((entry) => describe(entry, names)), ...(isMore && { next: last.id }) };
  });
}

const pushChannels = (channels: ConfiguredChannels, siteId: string) =>
  channels
    .list(siteId)
    .filter(({ kind, isEnabled }) => kind === 'push' && isEnabled)
    .map(({ value: { services } }) => ({ services: Array.isArray(services) ? services.map(String) : [] }));

const isAbout = ({ message, covers = [] }: OutboxEntry, alertId: string): boolean =>
  [message.id, ...covers].some((name) => name.startsWith(`${alertId}.`));

function describe(entry: OutboxEntry, names: ReadonlyMap<string, string>) {
  const { id, message, channelId, state, tries, createdAt, endedAt, nextAt, answer, error } = entry;
  return {
    ...{
      id,
      messageId: message.id,
      title: message.title,
      severity: message.severity,
      channelId,
      state,
      tries,
      createdAt,
    },
    channelName: names.get(channelId) ?? 'removed channel',
    ...(state === 'waiting' && { nextAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(answer !== undefined && { answer }),
    ...(error !== undefined && { error }),
  };
}

function serveChannels(routes: Routes, { plugins, channels, notifier, now }: NotificationRouteParts): void {
  const tests = new RateLimit(TESTS_A_MINUTE, MINUTE_MS);
  const kinds = plugins.map(({ id, title, settings }) => ({
    ...{ id, title },
    form: z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown>,
  }));
  const shown = ({ siteId: _, ...view }: ChannelView) => view;

  routes.serve(listChannelKinds, () => ({ items: kinds }));
  routes.serve(listChannels, ({ session, query }) => {
    const page = pageOf(channels.list(session.siteId), query, ({ id }) => id);
    return { ...page, items: page.items.map(shown) };
  });

  routes.serve(addChannel, async ({ session, body, note }) => {
    const { kind, name, isEnabled, value: given } = body;
    const mayRefer = mayDo(session, 'owner');
    const view = await channels.add(session.siteId, kind, { name, isEnabled, given, mayRefer });
    note({ detail: { channelId: view.id }, after: { kind, name, isEnabled, ...view.value } });
    return shown(view);
  });

  routes.serve(changeChannel, async ({ session, params, body, note }) => {
    const { rev, name, isEnabled, value: given } = body;
    const before = channels.read(session.siteId, params.channelId);
    const at = { siteId: session.siteId, id: params.channelId, rev };
    const view = await channels.change(at, { name, isEnabled, given, mayRefer: mayDo(session, 'owner') });
    const said = ({ name, isEnabled, value }: ChannelView) => ({ name, isEnabled, ...value });
    note({ before: said(before), after: said(view) });
    return shown(view);
  });

  routes.serve(removeChannel, async ({ session, params, note }) => {
    const { name, kind } = await channels.remove(session.siteId, params.channelId);
    note({ before: { name, kind } });
    return null;
  });

  routes.serve(testChannel, async ({ session, params, signal, note }) => {
    channels.read(session.siteId, params.channelId);
    if (!tests.take(session.siteId, now())) throw new Problem('too-many-requests', 'Ten tests a minute; wait a minute');
    const outcome = await notifier.test(session.siteId, params.channelId, signal);
    note({ detail: { hasArrived: outcome.hasArrived } });
    return outcome;
  });
}

function serveRoutes(serving: Routes, { routes, channels, now }: NotificationRouteParts): void {
  const known = (siteId: string, channelIds: readonly string[]): void => {
    for (const [at, id] of channelIds.entries())
      if (!channels.list(siteId).some((channel) => channel.id === id))
        throw new Problem('invalid-request', 'There is no such channel', [
          { path: `body.channelIds.${at}`, message: 'there is no such channel' },
        ]);
  };
  const need = async (siteId: string, id: string): Promise<RouteRecord> => {
    const record = await routes.get(id);
    if (!record || record.siteId !== siteId) throw new Problem('not-found', 'There is no such route');
    return record;
  };
  const shown = ({ siteId: _, ...record }: RouteRecord) => record;

  serving.serve(listNotificationRoutes, async ({ session, query }) => {
    const mine = await routes.find({ siteId: session.siteId }, { sort: { by: 'id', order: 'up' } });
    const page = pageOf(mine, query, ({ id }) => id);
    return { ...page, items: page.items.map(shown) };
  });

  serving.serve(addNotificationRoute, async ({ session, body, note }) => {
    known(session.siteId, body.channelIds);
    const record = await routes.insert({ id: newId(now()), siteId: session.siteId, ...body });
    note({ detail: { routeId: record.id }, after: body });
    return shown(record);
  });

  serving.serve(changeNotificationRoute, async ({ session, params, body, note }) => {
    const { rev, ...fields } = body;
    const before = await need(session.siteId, params.routeId);
    known(session.siteId, fields.channelIds);
    try {
      const record = await routes.update({ ...before, ...fields }, { ifRev: rev });
      note({ before: shown(before), after: fields });
      return shown(record);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new Problem('conflict', 'Somebody else changed this route meanwhile: look at it again, then change it');
    }
  });

  serving.serve(removeNotificationRoute, async ({ session, params, note }) => {
    const before = await need(session.siteId, params.routeId);
    await routes.remove(before.id);
    note({ before: shown(before) });
    return null;
  });
}
