import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Pairing } from '../discovery/pairing/agent.ts';
import { IdentityError, readSecret, removeSecret, writeSecret } from './secret-file.ts';

export { IdentityError, unusable } from './secret-file.ts';

const MOST_URLS = 4;
const FILE = 'agent.json';

/** What the agent knows of its appliance. Whoever has this file is the agent. */
export interface Identity extends Pairing {
  /** Where the appliance was reached, latest first. */
  urls: string[];
}

const text = z.string().check(z.minLength(1), z.maxLength(8_192));
const stored = z.object({
  format: z.literal(1),
  applianceId: text,
  agentId: text,
  ca: text,
  key: z.object({ publicKey: text, privateKeyPem: text }),
  tokenId: z.exactOptional(text),
  by: z.exactOptional(z.enum(['token', 'digits'])),
  urls: z.array(z.url()).check(z.maxLength(16)),
});

export const identityPath = (stateDir: string): string => join(stateDir, FILE);

/** Reads the identity; undefined while the agent is not paired. Refuses a file that others can read, and one that is damaged. */
export function readIdentity(stateDir: string): Identity | undefined {
  const json = readSecret(stateDir, FILE);
  if (json === undefined) return undefined;
  const parsed = parse(json);
  if (!parsed) {
    throw new IdentityError(
      'identity-damaged',
      `${identityPath(stateDir)} is damaged. Take it away (reeve-agent unpair) and pair this machine again.`,
    );
  }
  const { format: _, ...identity } = parsed;
  return identity;
}

function parse(json: string) {
  try {
    const result = stored.safeParse(JSON.parse(json));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the identity whole or not at all, for the owner's eyes only. */
export function writeIdentity(stateDir: string, identity: Identity): void {
  const urls = [...new Set(identity.urls)].slice(0, MOST_URLS);
  writeSecret(stateDir, FILE, `${JSON.stringify({ format: 1, ...identity, urls }, null, 2)}\n`);
}

/** Forgets the appliance. True when there was something to forget. */
export const removeIdentity = (stateDir: string): boolean => removeSecret(stateDir, FILE);
