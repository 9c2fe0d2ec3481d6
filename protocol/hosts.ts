import { z } from 'zod';
import { hostFacts, intervalMs } from './agent-link.ts';
import { displayName, documentId, instant } from './identity.ts';

/** `stale` after 2.5 intervals, `offline` when the session has been closed for 2 intervals + 5 s, `unknown` before the first frame. */
export const hostStatus = z.enum(['online', 'stale', 'offline', 'unknown']);
export type HostStatus = z.infer<typeof hostStatus>;

/** A machine that Reeve knows, as the dashboard and the API see it. */
export const host = z.object({
  id: documentId,
  siteId: documentId,
  rev: z.number().int(),
  name: displayName,
  kind: z.enum(['agent', 'source']),
  /** The machine that the appliance itself runs on. */
  isAppliance: z.boolean(),
  tags: z.array(z.string().max(40)).max(32),
  intervalMs,
  facts: hostFacts.exactOptional(),
  agentVersion: z.string().exactOptional(),
  status: hostStatus,
  /** Why the status is what it is, in one sentence for people. */
  statusReason: z.string(),
  /** When the status began. */
  statusAt: instant.exactOptional(),
  lastSeenAt: instant.exactOptional(),
  /** A host that this one seems to be, newly installed; a person says whether it is. */
  sameAs: documentId.exactOptional(),
  /** Notes that a person should see: same machine id as another host, unverified, quarantined. */
  notes: z.array(z.string()).default([]),
  createdAt: instant,
});
export type Host = z.infer<typeof host>;
