import { z } from 'zod';
import { type HostFacts, hostFacts } from '../../protocol/agent-link.ts';
import type { Document, Kind } from '../store/documents.ts';

/** What is kept of a host; status and last frame are not, they derive from what comes in. */
export interface HostRecord extends Document {
  name: string;
  kind: 'agent' | 'source';
  isAppliance: boolean;
  tags: string[];
  intervalMs: number;
  facts?: HostFacts;
  agentVersion?: string;
  sameAs?: string;
  /** Saved at disconnect and hourly, never per frame. */
  lastSeenAt?: number;
  createdAt: number;
}

export const hostRecords: Kind<HostRecord> = {
  name: 'hosts',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    name: z.string(),
    kind: z.enum(['agent', 'source']),
    isAppliance: z.boolean(),
    tags: z.array(z.string()),
    intervalMs: z.number().int(),
    facts: hostFacts.exactOptional(),
    agentVersion: z.string().exactOptional(),
    sameAs: z.string().exactOptional(),
    lastSeenAt: z.number().exactOptional(),
    createdAt: z.number(),
  }),
  indexes: ['siteId'],
};
