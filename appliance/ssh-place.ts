import { createHash } from 'node:crypto';

/** What a server proves itself with: the type of its key (`ssh-ed25519`), and its hash as ssh-keygen shows it (`SHA256:…`). */
export interface HostKey {
  type: string;
  sha256: string;
}

/** Where to go, as whom, and how to know that one has arrived. */
export interface SshPlace {
  /** Name or address. */
  address: string;
  port: number;
  user: string;
  /** A private key without passphrase (OpenSSH or PEM), or a password that a person has just typed. */
  login: { privateKey: string } | { password: string };
  /** The key that a person has accepted. Without it nobody signs in: the connection fails and says which key was shown. */
  pin?: HostKey | undefined;
  /** Another server to go through, itself pinned. */
  through?: SshPlace | undefined;
}

/** The hash of a raw public host key, and its type, which stands at its beginning. */
export function hostKeyOf(raw: Buffer): HostKey {
  const length = raw.length >= 4 ? raw.readUInt32BE(0) : 0;
  const type = length > 0 && length <= 64 ? raw.toString('latin1', 4, 4 + length) : '';
  return { type, sha256: `SHA256:${createHash('sha256').update(raw).digest('base64').replace(/=+$/, '')}` };
}
