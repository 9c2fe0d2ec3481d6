import { z } from 'zod';
import type { Document, Kind } from '../store/documents.ts';

/** A paired agent: the key that it proves to hold on every connection. Identity is the key, never name, address or machine id. */
export interface AgentRecord extends Document {
  hostId: string;
  /** Ed25519 public key, raw, base64url. */
  publicKey: string;
  state: 'active' | 'revoked' | 'quarantined';
  version: string;
  pairedAt: number;
  /** The appliance's own. */
  isOwn?: boolean;
}

export const agentRecords: Kind<AgentRecord> = {
  name: 'agents',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    hostId: z.string(),
    publicKey: z.string(),
    state: z.enum(['active', 'revoked', 'quarantined']),
    version: z.string(),
    pairedAt: z.number(),
    isOwn: z.boolean().exactOptional(),
  }),
  indexes: ['hostId'],
};
