import { z } from 'zod';
import { documentId } from './identity.ts';
import { SERVICE } from './limits.ts';

export { SERVICE };

const port = z.coerce.number().int().min(1).max(65_535);

/** TXT record of `_reeve._tcp`. For finding only: nothing in it is trusted. */
export const applianceRecord = z.object({
  id: documentId,
  v: z.string().max(40),
  proto: z.coerce.number().int(),
  https: port,
  /** SHA-256 of the CA's SPKI, base64url. */
  ca: z.string().max(64),
});
export type ApplianceRecord = z.infer<typeof applianceRecord>;

/** TXT record of `_reeve-agent._tcp`: information only, the agent listens on no port. */
export const agentRecord = z.object({
  id: z.string().max(64),
  host: z.string().max(255),
  v: z.string().max(40),
  state: z.enum(['unpaired', 'paired']),
});
export type AgentRecord = z.infer<typeof agentRecord>;
