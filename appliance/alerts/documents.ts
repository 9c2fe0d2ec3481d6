import { z } from 'zod';
import { type Alert, alert } from '../../protocol/alerts.ts';
import type { Document, Kind } from '../store/documents.ts';

/** An alert with what only the engine needs of it. */
export interface AlertRecord extends Alert, Document {
  /** Rule, owner and subject: there is one open alert for each. */
  key: string;
  /** A person resolved it, and its condition has not been clear since. */
  awaitsClear: boolean;
  /** Times of the last changes, for flapping. */
  changes: number[];
  /** Numbers of transitions that are to be told and are not yet on their way: a restart forgets none. */
  untold?: number[];
}

export const alertRecords: Kind<AlertRecord> = {
  name: 'alerts',
  schema: alert
    .extend({
      key: z.string(),
      awaitsClear: z.boolean(),
      changes: z.array(z.number()),
      untold: z.array(z.number()).exactOptional(),
    })
    .loose() as unknown as z.ZodType<AlertRecord>,
  indexes: ['siteId', 'status'],
};

/** A fact that is wrong now, kept so that a restart forgets none; it goes when it is right again. */
export interface FactRecord extends Document {
  hostId?: string;
  kind: string;
  key: string;
  severity: 'critical' | 'high' | 'medium' | 'low';
  text: string;
  at: number;
}

export const factRecords: Kind<FactRecord> = {
  name: 'facts',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    hostId: z.string().exactOptional(),
    kind: z.string(),
    key: z.string(),
    severity: alert.shape.severity,
    text: z.string(),
    at: z.number(),
  }),
  indexes: [],
};

/** An alert as the API shows it. */
export function asAlert(record: AlertRecord): Alert {
  const { rev: _, key: __, awaitsClear: ___, changes: ____, untold: _____, ...shown } = record;
  return shown;
}
