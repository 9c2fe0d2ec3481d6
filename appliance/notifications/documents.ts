import { z } from 'zod';
import { type RouteFields, routeFields } from '../../protocol/notifications.ts';
import type { Fields } from '../secret-fields.ts';
import type { Document, Kind } from '../store/documents.ts';

/** A channel that people set up. */
export interface ChannelRecord extends Document {
  name: string;
  /** Id of the plug-in. */
  kind: string;
  isEnabled: boolean;
  /** As entered, secrets sealed to the channel. */
  value: Fields;
  createdAt: number;
}

export const channelRecords: Kind<ChannelRecord> = {
  name: 'channels',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    name: z.string(),
    kind: z.string(),
    isEnabled: z.boolean(),
    value: z.record(z.string(), z.unknown()),
    createdAt: z.number(),
  }),
  indexes: ['siteId'],
};

export interface RouteRecord extends Document, RouteFields {}

export const routeRecords: Kind<RouteRecord> = {
  name: 'notification-routes',
  schema: z.looseObject({ id: z.string(), siteId: z.string(), rev: z.number().int(), ...routeFields.shape }),
  indexes: ['siteId'],
};
