import { createHash, createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';
import { PAIRING_LABEL } from '../../protocol/limits.ts';
import type { PairOffer, PairStart } from '../../protocol/pairing.ts';

/** Everything that both sides must agree on. The hashes are SHA-256 of the SPKI, 32 bytes. */
export interface TranscriptInput {
  start: PairStart;
  offer: Omit<PairOffer, 'proof' | 'ca'>;
  /** Of the TLS certificate: the agent takes it from its own socket, the appliance from its own key. */
  leafSpkiHash: Uint8Array;
  caSpkiHash: Uint8Array;
}

/** SHA-256 over the fields, each with its length before it, so that no two different inputs give the same bytes. */
export function hashOf(fields: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const field of fields) {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest();
}

/** What both sides of a pairing by token agree on. */
export function transcript({ start, offer, leafSpkiHash, caSpkiHash }: TranscriptInput): Buffer {
  return hashOf([
    PAIRING_LABEL,
    String(start.protocol),
    String(offer.protocol),
    start.tokenId,
    offer.sessionId,
    start.agentNonce,
    offer.applianceNonce,
    start.agentKey,
    offer.agentId,
    offer.applianceId,
    start.name,
    leafSpkiHash,
    caSpkiHash,
  ]);
}

/** What a proof says: the appliance offers, the agent confirms, the appliance has stored the agent. */
export type ProofStep = 'offer' | 'confirm' | 'done';

/** HMAC-SHA-256 over step and transcript; `offer` and `done` use the token's appliance key, `confirm` its agent key. */
export function proofOf(key: Uint8Array, step: ProofStep, agreed: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${PAIRING_LABEL} ${step} `).update(agreed).digest();
}

/** Compares a proof from outside in constant time. */
export function sameProof(expected: Uint8Array, given: string): boolean {
  const bytes = Buffer.from(given, 'base64url');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

const ownership = (agreed: Uint8Array) => Buffer.concat([Buffer.from(`${PAIRING_LABEL} agent key\0`), agreed]);

/** The agent's signature over the transcript (Ed25519, base64url): it holds the private half of the key it brings. */
export function signTranscript(agreed: Uint8Array, privateKeyPem: string): string {
  return sign(null, ownership(agreed), createPrivateKey(privateKeyPem)).toString('base64url');
}

/** Whether the holder of `agentKey` (raw, base64url) signed this transcript; false for anything that is no key or signature. */
export function transcriptSignedBy(agentKey: string, agreed: Uint8Array, signature: string): boolean {
  return ed25519Verify(agentKey, ownership(agreed), signature);
}

/** Ed25519 check with a raw base64url key and a base64url signature; false, never an exception, for what cannot be read. */
export function ed25519Verify(rawKey: string, message: Uint8Array, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: rawKey }, format: 'jwk' });
    return verify(null, message, key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
