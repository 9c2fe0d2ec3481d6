import { createPrivateKey, sign } from 'node:crypto';
import type { JoinOffer, JoinStart } from '../../protocol/joining.ts';
import { JOIN_LABEL } from '../../protocol/limits.ts';
import { ed25519Verify, hashOf } from './transcript.ts';

export interface JoinInput {
  start: JoinStart;
  offer: Omit<JoinOffer, 'ca'>;
  agentNonce: string;
  /** SHA-256 of the SPKI of the TLS certificate: the agent takes it from its own socket, the appliance from its own key. */
  leafSpkiHash: Uint8Array;
  caSpkiHash: Uint8Array;
}

/** What an agent binds itself to before the appliance has chosen its nonce. Base64url. */
export function commitmentTo(
  { protocol, agentKey, name, version }: Omit<JoinStart, 'commitment'>,
  agentNonce: string,
  leafSpkiHash: Uint8Array,
): string {
  const fields = [`${JOIN_LABEL} commitment`, String(protocol), agentNonce, agentKey, name, version, leafSpkiHash];
  return hashOf(fields).toString('base64url');
}

/** Everything that both sides must agree on, hashed. */
export function joinTranscript({ start, offer, agentNonce, leafSpkiHash, caSpkiHash }: JoinInput): Buffer {
  return hashOf([
    JOIN_LABEL,
    String(start.protocol),
    String(offer.protocol),
    start.commitment,
    agentNonce,
    offer.applianceNonce,
    start.agentKey,
    start.name,
    start.version,
    offer.joinId,
    offer.applianceId,
    leafSpkiHash,
    caSpkiHash,
  ]);
}

/** Six digits out of the transcript: numeric comparison as in Bluetooth Core 5.4, Vol 2 Part H, 7.2.1. */
export function digitsOf(agreed: Uint8Array): string {
  const number = hashOf([`${JOIN_LABEL} digits`, agreed]).readBigUInt64BE() % 1_000_000n;
  return number.toString().padStart(6, '0');
}

/** What the agent's signature says: it opens its commitment, or a person on the host has confirmed. */
export type JoinStep = 'reveal' | 'confirm';

const said = (step: JoinStep, agreed: Uint8Array) => Buffer.concat([Buffer.from(`${JOIN_LABEL} ${step}\0`), agreed]);

/** Ed25519 with the agent's key (PKCS#8 PEM), base64url. */
export const signJoin = (step: JoinStep, agreed: Uint8Array, privateKeyPem: string): string =>
  sign(null, said(step, agreed), createPrivateKey(privateKeyPem)).toString('base64url');

/** Whether the holder of `agentKey` said this; false for anything that is no key or signature. */
export const joinSignedBy = (
  agentKey: string,
  { step, agreed }: { step: JoinStep; agreed: Uint8Array },
  signature: string,
): boolean => ed25519Verify(agentKey, said(step, agreed), signature);
