import { z } from 'zod';
import { hostFacts } from './agent-link.ts';
import { base64url, documentId } from './identity.ts';
import { pairStart } from './pairing.ts';

/** Six digits that both sides compute, as people compare them. */
export const digits = z.string().regex(/^[0-9]{6}$/, 'type the six digits');

/**
 * agent → appliance: "let me in", with a commitment to a nonce that it shows only after the appliance has chosen its own, so that who
 * stands in between cannot search for nonces that give the same digits on both sides.
 */
export const joinStart = pairStart
  .pick({ protocol: true, agentKey: true, name: true })
  .extend({ commitment: base64url(32), version: z.string().max(40) });
export type JoinStart = z.infer<typeof joinStart>;

const joinId = base64url(16);

/** appliance → agent. `joinId` is known to these two alone. */
export const joinOffer = z.object({
  protocol: z.number().int(),
  joinId,
  applianceNonce: base64url(32),
  applianceId: documentId,
  /** PEM of the appliance's CA. */
  ca: z.string().max(4_096),
});
export type JoinOffer = z.infer<typeof joinOffer>;

/** agent → appliance: opens the commitment, and proves that it holds the key. From here on both know the digits. */
export const joinReveal = z.object({ joinId, agentNonce: base64url(32), signature: base64url(64) });
export type JoinReveal = z.infer<typeof joinReveal>;

export const joinLook = z.object({ joinId });

/** `accepted`: the digits were typed right in the dashboard, and it waits for the word on the host. `refused`: this request is dead. */
export const joinState = z.object({
  state: z.enum(['waiting', 'accepted', 'refused']),
  leftMs: z.number().int().min(0),
});
export type JoinState = z.infer<typeof joinState>;

/** agent → appliance: a person on the host has said yes. Only now it tells what it is. */
export const joinConfirm = z.object({ joinId, signature: base64url(64), facts: hostFacts });
export type JoinConfirm = z.infer<typeof joinConfirm>;

export const joinDone = z.object({ agentId: documentId });
export type JoinDone = z.infer<typeof joinDone>;
