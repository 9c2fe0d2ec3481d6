import { z } from 'zod';
import { severity } from '../alerts.ts';
import { displayName, documentId, instant } from '../identity.ts';
import { routeFields } from '../notifications.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const forAdmins = { access: 'admin', site: 'none' } as const;
const ofRecord = { access: 'admin', site: 'record' } as const;
const channelParams = z.object({ channelId: documentId });
const routeParams = z.object({ routeId: documentId });
const rev = z.number().int();
const refused = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;

/** A channel of this site, with its secrets as `{set: …}`. */
export const channelView = z.object({
  id: documentId,
  rev,
  name: displayName,
  /** Id of its kind. */
  kind: z.string(),
  isEnabled: z.boolean(),
  value: z.record(z.string(), z.unknown()),
  /** What keeps it from working: a variable that is missing, say. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  createdAt: instant,
});
export type ChannelView = z.infer<typeof channelView>;

export const listChannelKinds = route({
  id: 'notifications.kinds',
  method: 'GET',
  path: '/api/v1/notification-channel-kinds',
  ...forAdmins,
  summary: 'Lists the kinds of channels with the form of each',
  answer: z.object({
    items: z.array(z.object({ id: z.string(), title: z.string(), form: z.record(z.string(), z.unknown()) })),
  }),
  errors: ['not-signed-in', 'not-allowed'],
});

export const listChannels = route({
  id: 'notifications.listChannels',
  method: 'GET',
  path: '/api/v1/notification-channels',
  ...forAdmins,
  summary: 'Lists the channels of this site',
  query: z.object(pageQuery),
  answer: paged(channelView),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

const entered = {
  name: displayName.meta({ title: 'Name' }),
  isEnabled: z.boolean().default(true).meta({ title: 'On' }),
  /** As the form of its kind says; a secret that is absent or `{set: …}` stays. */
  value: z.record(z.string(), z.unknown()),
};

export const addChannel = route({
  id: 'notifications.addChannel',
  method: 'POST',
  path: '/api/v1/notification-channels',
  ...forAdmins,
  summary: 'Sets a channel up',
  body: z.strictObject({ kind: z.string().max(40), ...entered }),
  answer: channelView,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'storage-unavailable'],
});

export const changeChannel = route({
  id: 'notifications.changeChannel',
  method: 'PUT',
  path: '/api/v1/notification-channels/:channelId',
  ...ofRecord,
  summary: 'Changes a channel',
  params: channelParams,
  body: z.strictObject({ rev, ...entered }),
  answer: channelView,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const removeChannel = route({
  id: 'notifications.removeChannel',
  method: 'DELETE',
  path: '/api/v1/notification-channels/:channelId',
  ...ofRecord,
  summary: 'Removes a channel; what waits for it is given up',
  params: channelParams,
  answer: z.null(),
  status: 204,
  errors: refused,
});

/** Sends a test message now, past routes and quiet hours. */
export const testChannel = route({
  id: 'notifications.testChannel',
  method: 'POST',
  path: '/api/v1/notification-channels/:channelId/test',
  ...ofRecord,
  summary: 'Sends a test message and answers with what the far end said',
  params: channelParams,
  answer: z.object({ hasArrived: z.boolean(), answer: z.string(), tookMs: z.number() }),
  errors: [...refused, 'too-many-requests'],
});

/** A route of this site. */
export const notificationRoute = routeFields.extend({ id: documentId, rev });

export const listNotificationRoutes = route({
  id: 'notifications.listRoutes',
  method: 'GET',
  path: '/api/v1/notification-routes',
  ...forAdmins,
  summary: 'Lists which messages go to which channels; without any, all go to all',
  query: z.object(pageQuery),
  answer: paged(notificationRoute),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const addNotificationRoute = route({
  id: 'notifications.addRoute',
  method: 'POST',
  path: '/api/v1/notification-routes',
  ...forAdmins,
  summary: 'Adds a route',
  body: routeFields,
  answer: notificationRoute,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'storage-unavailable'],
});

export const changeNotificationRoute = route({
  id: 'notifications.changeRoute',
  method: 'PUT',
  path: '/api/v1/notification-routes/:routeId',
  ...ofRecord,
  summary: 'Changes a route',
  params: routeParams,
  body: routeFields.extend({ rev }),
  answer: notificationRoute,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const removeNotificationRoute = route({
  id: 'notifications.removeRoute',
  method: 'DELETE',
  path: '/api/v1/notification-routes/:routeId',
  ...ofRecord,
  summary: 'Removes a route',
  params: routeParams,
  answer: z.null(),
  status: 204,
  errors: refused,
});

const deliveryState = z.enum(['waiting', 'sending', 'sent', 'given-up']);

/** One message to one channel, and what became of it. */
export const delivery = z.object({
  id: documentId,
  messageId: z.string(),
  title: z.string(),
  severity,
  channelId: documentId,
  channelName: z.string(),
  state: deliveryState,
  tries: z.number().int(),
  createdAt: instant,
  endedAt: instant.exactOptional(),
  /** While it waits: when it is tried next. */
  nextAt: instant.exactOptional(),
  answer: z.string().exactOptional(),
  error: z.string().exactOptional(),
});

export const listDeliveries = route({
  id: 'notifications.deliveries',
  method: 'GET',
  path: '/api/v1/notifications',
  access: 'viewer',
  site: 'none',
  summary: 'Lists what was sent, newest first, with the far ends’ answers',
  query: z.object({
    ...pageQuery,
    alertId: documentId.optional(),
    state: deliveryState.optional(),
    channelId: documentId.optional(),
  }),
  answer: paged(delivery),
  errors: ['not-signed-in', 'invalid-request'],
});

export const notificationsRoutes = [
  listChannelKinds,
  listChannels,
  addChannel,
  changeChannel,
  removeChannel,
  testChannel,
  listNotificationRoutes,
  addNotificationRoute,
  changeNotificationRoute,
  removeNotificationRoute,
  listDeliveries,
] as const;
