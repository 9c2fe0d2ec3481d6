import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';

/** An agent's identity: the raw Ed25519 public key (base64url) and the private key (PKCS#8 PEM), which never leaves its machine. */
export interface AgentKey {
  publicKey: string;
  privateKeyPem: string;
}

/** Makes an agent's identity. */
export function newAgentKey(): AgentKey {
  const pair = generateKeyPairSync('ed25519');
  const { x } = pair.publicKey.export({ format: 'jwk' });
  if (x === undefined) throw new Error('this Node exports no raw Ed25519 keys');
  return { publicKey: x, privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** SHA-256 of the certificate's SubjectPublicKeyInfo: the key, whatever the certificate around it says. 32 bytes. */
export function spkiHash(certificate: X509Certificate): Buffer {
  return createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

/** The first certificate of a PEM text; undefined when there is none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Fixed name by which agents know their appliance in TLS, so that addresses may change. */
export const serverName = (applianceId: string): string => `${applianceId}.reeve.internal`;

/** SNI of an agent that does not know the appliance's id yet: it must be shown the agents' leaf, not the browsers'. */
export const PAIRING_SERVER_NAME = serverName('pairing');
