import { z } from 'zod';
import { type AlertMatch, alertMatch, type MaintenanceSchedule, maintenanceSchedule } from '../../protocol/silences.ts';
import type { Document, Kind } from '../store/documents.ts';

/** Keeps alerts quiet from one moment to another. */
export interface SilenceRecord extends Document {
  reason: string;
  match: AlertMatch;
  startsAt: number;
  endsAt: number;
  by: string;
  createdAt: number;
  /** Who ended it before its time; `endsAt` is when. */
  endedBy?: string;
}

const common = {
  id: z.string(),
  siteId: z.string(),
  rev: z.number().int(),
  reason: z.string(),
  match: alertMatch.loose(),
  by: z.string(),
  createdAt: z.number(),
};

export const silenceRecords: Kind<SilenceRecord> = {
  name: 'silences',
  schema: z.looseObject({
    ...common,
    startsAt: z.number(),
    endsAt: z.number(),
    endedBy: z.string().exactOptional(),
  }),
  indexes: ['siteId'],
};

/** Work that is planned, once or again and again. */
export interface MaintenanceRecord extends Document {
  title: string;
  reason: string;
  match: AlertMatch;
  schedule: MaintenanceSchedule;
  timeZone: string;
  isEnabled: boolean;
  by: string;
  createdAt: number;
  /** Somebody ended what was under way then; what begins later is as planned. */
  endedAt?: number;
}

export const maintenanceRecords: Kind<MaintenanceRecord> = {
  name: 'maintenance-windows',
  schema: z.looseObject({
    ...common,
    title: z.string(),
    schedule: maintenanceSchedule,
    timeZone: z.string(),
    isEnabled: z.boolean(),
    endedAt: z.number().exactOptional(),
  }),
  indexes: ['siteId'],
};
