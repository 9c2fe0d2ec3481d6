import { z } from 'zod';
import { type HostFacts, hostFacts } from '../../protocol/agent-link.ts';
import { type Ceiling, ceiling } from '../../protocol/ceiling.ts';
import { type HostKind, hostKind, type LearntParent, learntParent } from '../../protocol/hosts.ts';
import type { Document, Kind } from '../store/documents.ts';

/** What is kept of a host; status and last frame are not, they derive from what comes in. */
export interface HostRecord extends Document {
  name: string;
  kind: HostKind;
  isAppliance: boolean;
  tags: string[];
  intervalMs: number;
  facts?: HostFacts;
  agentVersion?: string;
  /** What its agent may ever be asked to do. */
  may?: Ceiling;
  /** Its agent insists on the interval. */
  isIntervalOwn?: true;
  sameAs?: string;
  /** Saved at disconnect and hourly, never per frame. */
  lastSeenAt?: number;
  createdAt: number;
  /** Edits by people so far; what the appliance writes by itself must not make an editor's copy stale. */
  edits?: number;
  address?: string;
  role?: string;
  location?: string;
  rack?: string;
  rackUnit?: number;
  rackHeight?: number;
  hostName?: string;
  addresses?: string[];
  macs?: string[];
  watts?: number;
  logPaths?: string[];
  services?: string[];
  criticalServices?: string[];
  parentId?: string;
  learnsParent?: boolean;
  /** Learnt, not said. */
  learntParent?: LearntParent;
}

export const hostRecords: Kind<HostRecord> = {
  name: 'hosts',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    name: z.string(),
    kind: hostKind,
    isAppliance: z.boolean(),
    tags: z.array(z.string()),
    intervalMs: z.number().int(),
    facts: hostFacts.exactOptional(),
    agentVersion: z.string().exactOptional(),
    may: ceiling.exactOptional(),
    isIntervalOwn: z.literal(true).exactOptional(),
    sameAs: z.string().exactOptional(),
    lastSeenAt: z.number().exactOptional(),
    createdAt: z.number(),
    edits: z.number().int().exactOptional(),
    address: z.string().exactOptional(),
    role: z.string().exactOptional(),
    location: z.string().exactOptional(),
    rack: z.string().exactOptional(),
    rackUnit: z.number().exactOptional(),
    rackHeight: z.number().exactOptional(),
    hostName: z.string().exactOptional(),
    addresses: z.array(z.string()).exactOptional(),
    macs: z.array(z.string()).exactOptional(),
    watts: z.number().exactOptional(),
    logPaths: z.array(z.string()).exactOptional(),
    services: z.array(z.string()).exactOptional(),
    criticalServices: z.array(z.string()).exactOptional(),
    parentId: z.string().exactOptional(),
    learnsParent: z.boolean().exactOptional(),
    learntParent: learntParent.exactOptional(),
  }),
  indexes: ['siteId'],
};
