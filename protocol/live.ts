import { z } from 'zod';
import type { Alert, Transition } from './alerts.ts';
import type { AuditSummary } from './audits.ts';
import type { Host } from './hosts.ts';
import { documentId } from './identity.ts';
import type { JobRun } from './jobs.ts';
import type { Descriptor, SeriesIdentity } from './metrics.ts';
import type { Access } from './route.ts';

/** Socket.IO namespace of the dashboards. */
export const LIVE_NAMESPACE = '/live';

/** A series of one host with the integer that stands for it in frames, charts and history. */
export interface LiveSeries extends SeriesIdentity {
  id: number;
}

/** Values of one host at one moment: `[seriesId, value, …]`, null = read but not a number. */
export interface LiveFrame {
  hostId: string;
  /** Moment of reading in appliance time, epoch ms. */
  at: number;
  /** `durable` is stored and judged; `watch` is an extra sample while somebody looks. */
  grade: 'durable' | 'watch';
  /** Back-filled after an outage: belongs in the chart, never in "now". */
  late: boolean;
  values: (number | null)[];
}

/** Acknowledged answers on the dashboards' socket. */
export type LiveAnswer<T> = { ok: true; value: T } | { ok: false; code: string; message: string };
type Reply<T> = (answer: LiveAnswer<T>) => void;

/** Everything a dashboard needs to draw the fleet, and then be kept up to date by events. */
export interface FleetState {
  at: number;
  hosts: Host[];
  /** Of each host, the series whose descriptor has a `card`. */
  series: Record<string, LiveSeries[]>;
  /** Of each host its last frames, oldest first: the newest with all card series, those before with the processor's value only. */
  frames: LiveFrame[];
}

/** What a host page needs beside history. */
export interface HostState {
  at: number;
  series: LiveSeries[];
  frame?: LiveFrame;
}

/** An alert without its transitions: what lists, cards, charts and the bell show. */
export type AlertHead = Omit<Alert, 'transitions'>;

/** What happened to an alert just now; the values behind it come with `GET /api/v1/alerts/:alertId`. */
export type AlertNews = Omit<Transition, 'samples'>;

/** What the dashboards of a site know of its alerts before they are kept up to date by events. */
export interface AlertsState {
  at: number;
  /** Open or acknowledged, at most 1,000, the one that fired last first. */
  active: AlertHead[];
  /** The last ones that fired, whatever became of them. */
  recent: AlertHead[];
}

/** The audits of a site that run at a moment; what they do then comes as events. */
export interface AuditsState {
  at: number;
  running: AuditSummary[];
}

export interface DashboardToAppliance {
  /** Joins the fleet room: host changes and card values of every host of the session's sites. */
  fleet(message: Record<string, never>, reply: Reply<FleetState>): void;
  /** Joins a host's room and asks its agent for samples at 1 s; to be said again within the lease. */
  watch(message: { hostId: string }, reply: Reply<HostState>): void;
  unwatch(message: { hostId: string }, reply: Reply<null>): void;
  /** Joins the alerts room: everything that happens to alerts of the session's site. */
  alerts(message: Record<string, never>, reply: Reply<AlertsState>): void;
  /** Joins the audits room: how far the audits of the session's site are. */
  audits(message: Record<string, never>, reply: Reply<AuditsState>): void;
}

export interface ApplianceToDashboard {
  frame(frame: LiveFrame): void;
  /** Card series of one host, in the fleet room. */
  card(frame: LiveFrame): void;
  host(host: Host): void;
  hostRemoved(message: { hostId: string }): void;
  /** A host has series that were not known before. */
  series(message: { hostId: string; series: LiveSeries[] }): void;
  descriptors(descriptors: Descriptor[]): void;
  /** Something happened to an alert of the site. */
  alert(message: { alert: AlertHead; news: AlertNews }): void;
  /** `GET /api/v1/pending-alerts` would answer otherwise than before; at most once a second. */
  pending(): void;
  /** `GET /api/v1/notifications` would answer otherwise than before; at most once a second. */
  deliveries(): void;
  /** An audit of the site began, went on to another section, or ended. */
  audit(audit: AuditSummary): void;
  /** A run of a job began, went on or ended; to owners only. */
  job(run: JobRun): void;
  /** `signed-out`: the session ended (signed out, revoked, expired): go to sign-in. `site`: its site or role changed: connect anew. */
  ended(reason: 'signed-out' | 'site'): void;
}

/** Socket events with their access and schema, as routes have them. */
export const liveEvents = {
  fleet: { access: 'viewer', site: 'none', message: z.object({}) },
  watch: { access: 'viewer', site: 'record', message: z.object({ hostId: documentId }) },
  unwatch: { access: 'viewer', site: 'record', message: z.object({ hostId: documentId }) },
  alerts: { access: 'viewer', site: 'none', message: z.object({}) },
  audits: { access: 'viewer', site: 'none', message: z.object({}) },
} as const satisfies Record<string, { access: Access; site: 'record' | 'none'; message: z.ZodType }>;
