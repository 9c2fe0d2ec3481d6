import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import type { SignedOrder } from '../../protocol/updates.ts';
import { ed25519Verify } from './transcript.ts';

/** The key with which an appliance signs what its agents may become. */
export interface ReleaseKey {
  /** Raw Ed25519, base64url. */
  publicKey: string;
  /** The word of the CA that agents have pinned: base64url. */
  attestation: string;
  /** Ed25519 over an order, base64url. */
  sign(order: string): string;
}

/** DER of a private Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

const keyText = (applianceId: string, publicKey: string): Buffer =>
  Buffer.from(['reeve-release-key-v1', applianceId, publicKey].join('\0'));
const orderText = (order: string): Buffer => Buffer.from(`reeve-update-v1\0${order}`);

/** The release key of 32 secret bytes. `attest` signs with the CA's key: ECDSA P-256, r and s one after the other. */
export function releaseKeyOf(seed: Buffer, applianceId: string, attest: (text: Buffer) => Buffer): ReleaseKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const { x: publicKey = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey,
    attestation: attest(keyText(applianceId, publicKey)).toString('base64url'),
    sign: (order) => sign(null, orderText(order), key).toString('base64url'),
  };
}

/** ECDSA P-256 with SHA-256 as `releaseKeyOf` wants it. */
export const attestWith =
  (caKeyPem: string) =>
  (text: Buffer): Buffer =>
    sign('sha256', text, { key: caKeyPem, dsaEncoding: 'ieee-p1363' });

/** Whether the appliance whose CA was pinned has signed this order; false for anything unreadable. */
export function isSignedOrder(
  { order, signature, releaseKey, attestation }: SignedOrder,
  { applianceId, ca }: { applianceId: string; ca: string },
): boolean {
  try {
    const key = new X509Certificate(ca).publicKey;
    const proof = Buffer.from(attestation, 'base64url');
    const isTheirs = verify('sha256', keyText(applianceId, releaseKey), { key, dsaEncoding: 'ieee-p1363' }, proof);
    return isTheirs && ed25519Verify(releaseKey, orderText(order), signature);
  } catch {
    return false;
  }
}
