import { z } from 'zod';
import { hostFacts } from './agent-link.ts';
import { base64url, documentId } from './identity.ts';
import { PAIRING_LABEL, PAIRING_LIMITS } from './limits.ts';

export { PAIRING_LABEL, PAIRING_LIMITS };

/** Public half of a token: 40 bits in Crockford's base32. */
export const tokenId = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/);

/**
 * agent → appliance. `name` is a label only: identity is the key. Later versions of the protocol keep these fields, so that
 * an older appliance can still say who has to be updated.
 */
export const pairStart = z.object({
  protocol: z.number().int(),
  tokenId,
  agentNonce: base64url(32),
  agentKey: base64url(32),
  /** Not trimmed or changed here: it is in the transcript as it is. */
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*$/u),
});
export type PairStart = z.infer<typeof pairStart>;

/** appliance → agent; `proof` shows knowledge of the token over the transcript, before the agent has shown anything. */
export const pairOffer = z.object({
  protocol: z.number().int(),
  sessionId: base64url(16),
  applianceNonce: base64url(32),
  applianceId: documentId,
  agentId: documentId,
  /** PEM of the appliance's CA; its key hash is in the transcript, and the agent checks that the leaf chains to it. */
  ca: z.string().max(4_096),
  proof: base64url(32),
});
export type PairOffer = z.infer<typeof pairOffer>;

export const pairFinish = z.object({
  sessionId: base64url(16),
  proof: base64url(32),
  signature: base64url(64),
  facts: hostFacts,
});
export type PairFinish = z.infer<typeof pairFinish>;

export const pairDone = z.object({ proof: base64url(32) });
export type PairDone = z.infer<typeof pairDone>;
