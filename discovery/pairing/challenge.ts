import { createPrivateKey, sign } from 'node:crypto';
import { ed25519Verify } from './transcript.ts';

/** What a session is opened for. The agent fills in the ids it has stored, never the ones it is told. */
export interface ChallengeSubject {
  applianceId: string;
  agentId: string;
  /** 32 fresh bytes of the appliance, base64url. */
  nonce: string;
}

const message = ({ applianceId, agentId, nonce }: ChallengeSubject) =>
  Buffer.from(['reeve-auth-v1', applianceId, agentId, nonce].join('\0'));

/** The agent's answer to a challenge: Ed25519 with the paired key (PKCS#8 PEM), base64url. */
export function signChallenge(subject: ChallengeSubject, privateKeyPem: string): string {
  return sign(null, message(subject), createPrivateKey(privateKeyPem)).toString('base64url');
}

/** Whether the answer came from the holder of `agentKey` (raw Ed25519, base64url); false for anything unreadable. */
export function verifyChallenge(subject: ChallengeSubject, agentKey: string, signature: string): boolean {
  return ed25519Verify(agentKey, message(subject), signature);
}
