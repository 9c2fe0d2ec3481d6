import { z } from 'zod';
import type { Document, Kind } from '../store/documents.ts';

/** A paired agent: the key that it proves to hold on every connection. Identity is the key, never name, address or machine id. */
export interface AgentRecord extends Document {
  hostId: string;
  /** Ed25519 public key, raw, base64url. */
  publicKey: string;
  state: 'active' | 'revoked' | 'quarantined';
  version: string;
  /** What kind of program it is; absent while it has not said so: it cannot update itself. */
  program?: string;
  pairedAt: number;
  /** How it came in: by a token, or by six digits that were compared on both sides. Older records say nothing: a token. */
  by?: 'token' | 'digits';
  /** The token. */
  tokenId?: string;
  /** It was unpaired on its own machine, which told us; `state` is `revoked` then. */
  leftAt?: number;
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
    program: z.string().exactOptional(),
    pairedAt: z.number(),
    by: z.enum(['token', 'digits']).exactOptional(),
    tokenId: z.string().exactOptional(),
    leftAt: z.number().exactOptional(),
    isOwn: z.boolean().exactOptional(),
  }),
  indexes: ['hostId'],
};
