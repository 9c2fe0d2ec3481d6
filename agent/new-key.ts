import * as z from 'zod/mini';
import { type AgentKey, newAgentKey } from '../discovery/pairing/keys.ts';
import { IdentityError, readSecret, removeSecret, writeSecret } from './secret-file.ts';

const FILE = 'new-key.json';
/** Longer than an appliance that stopped in the middle of pairing needs to come back, shorter than it takes to make an image of a machine. */
const KEEP_MS = 3_600_000;

const text = z.string().check(z.minLength(1), z.maxLength(8_192));
const stored = z.object({ madeAt: z.number(), machineId: z.string(), publicKey: text, privateKeyPem: text });

/**
 * Key for a machine that is about to be paired, kept for an hour: when the answer to the last message is lost, or the agent is
 * restarted in the middle, it comes again as the same agent and is counted once. A copy of the machine makes a key of its own.
 */
export function keyForPairing(
  stateDir: string,
  { machineId = '', now }: { machineId?: string; now: number },
): AgentKey {
  const kept = read(stateDir);
  if (kept && kept.machineId === machineId && kept.madeAt <= now && now - kept.madeAt < KEEP_MS) {
    const { publicKey, privateKeyPem } = kept;
    return { publicKey, privateKeyPem };
  }
  const key = newAgentKey();
  writeSecret(stateDir, FILE, `${JSON.stringify({ madeAt: now, machineId, ...key })}\n`);
  return key;
}

/** The key is the identity's now, or of no use. */
export const dropKeyForPairing = (stateDir: string): boolean => removeSecret(stateDir, FILE);

/** What is damaged or was open to others is made anew: nobody knows this key yet. */
function read(stateDir: string): z.infer<typeof stored> | undefined {
  try {
    const result = stored.safeParse(JSON.parse(readSecret(stateDir, FILE) ?? ''));
    return result.success ? result.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof IdentityError && error.code === 'identity-open'))
      return undefined;
    throw error;
  }
}
