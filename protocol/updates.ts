import { z } from 'zod';
import { base64url, documentId, instant } from './identity.ts';

const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u);

/** Kinds of programs that an agent is: the script that the host's own Node runs, or an executable for a system. */
export const program = z
  .string()
  .regex(/^(?:script|[a-z0-9]+-[a-z0-9]+)$/)
  .max(40);

/** What an admin's word becomes for one agent: this version, once. The appliance signs exactly the text that is sent. */
export const updateOrder = z.object({
  format: z.literal(1),
  applianceId: documentId,
  agentId: documentId,
  /** Later than that of every order before: a copy of an old one is good for nothing. */
  issuedAt: instant,
  program,
  version: text(40).min(1),
  /** Of what runs, unpacked: bytes, and SHA-256 in hex. */
  size: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the appliance serves it, how it is packed there, and how large that is. */
  path: z.string().regex(/^\/[A-Za-z0-9_./-]{1,120}$/),
  packing: z.enum(['none', 'gz']),
  packedSize: z.number().int().positive(),
  /** An admin has said that an older version is meant. */
  allowOlder: z.boolean(),
});
export type UpdateOrder = z.infer<typeof updateOrder>;

/** An order with its proof: signed by the release key, which the key of the CA that the agent has pinned vouches for. */
export interface SignedOrder {
  order: string;
  /** Ed25519 over the order, base64url. */
  signature: string;
  /** Raw Ed25519 public key, base64url. */
  releaseKey: string;
  /** ECDSA P-256 of the CA over the release key, base64url. */
  attestation: string;
}
export const signedOrder = z.object({
  order: z.string().max(4_000),
  signature: base64url(64),
  releaseKey: base64url(32),
  attestation: base64url(64),
});

/** An agent's answer to an order: it begins, or says why not. */
export type UpdateAnswer = { ok: true } | { ok: false; reason: string };
export const updateAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: text(500) }),
]);

/** How far an agent is with an order. While it tries the new version, it is not connected. */
export const updating = z.object({
  issuedAt: instant,
  step: z.enum(['downloading', 'testing', 'trying', 'failed']),
  reason: text(500).exactOptional(),
});
export type Updating = z.infer<typeof updating>;

/** What became of the last order that an agent could not follow; said with its hello. */
export const failedUpdate = z.object({ issuedAt: instant, version: text(40), reason: text(500) });
export type FailedUpdate = z.infer<typeof failedUpdate>;
