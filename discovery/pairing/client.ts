import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { HostFacts } from '../../protocol/agent-link.ts';
import { pairDone, pairOffer } from '../../protocol/pairing.ts';
import { finishPairing, startPairing } from '../../protocol/routes/agents.ts';
import { agentName, type Pairing, PairingAttempt } from './agent.ts';
import { post } from './exchange.ts';
import { certificateChanged, PairingError } from './failure.ts';
import { type AgentKey, newAgentKey, spkiHash } from './keys.ts';
import { parseToken } from './token.ts';

/** Longest wait for one of the two requests. */
const REQUEST_MS = 4_000;
/** Pauses before the second message is said again. */
const REPEAT_AFTER_MS = [200, 1_000] as const;

export interface PairWithOptions {
  /** Token as people gave it. */
  token: string;
  /** Name of this machine; made fit by `agentName`. */
  name: string;
  facts: HostFacts;
  /** Identity to pair; a new one when absent. */
  key?: AgentKey;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Pairs with the appliance at `url` (https) and answers what to store; throws `PairingError`. */
export async function pairWith(url: string, options: PairWithOptions): Promise<Pairing> {
  const { facts, key = newAgentKey() } = options;
  const token = parseToken(options.token);
  const attempt = new PairingAttempt({ token, name: agentName(options.name), key, random: randomBytes });
  const target = { url: new URL(url), timeoutMs: options.timeoutMs ?? REQUEST_MS, signal: options.signal };
  const first = await post({ ...target, path: startPairing.path, answer: pairOffer }, () => attempt.start());
  const seen = spkiHash(first.leaf);
  const finish = attempt.accept(first.body, first.leaf, { facts, now: Date.now() });
  const done = await sayUntilHeard(async () => {
    const second = await post({ ...target, path: finishPairing.path, answer: pairDone }, (leaf) => {
      if (!spkiHash(leaf).equals(seen)) throw certificateChanged();
      return finish;
    });
    return second.body;
  });
  return attempt.complete(done);
}

/** The answer may get lost after the token was burnt; the appliance gives it again for 30 s. */
async function sayUntilHeard<T>(say: () => Promise<T>): Promise<T> {
  for (const pauseMs of REPEAT_AFTER_MS) {
    try {
      return await say();
    } catch (error) {
      if (!(error instanceof PairingError) || error.code !== 'unreachable') throw asFinal(error);
    }
    await pause(pauseMs);
  }
  return say().catch((error) => {
    throw asFinal(error);
  });
}

/** Once the appliance has proven itself, its refusal holds; only a change of certificate means that somebody else spoke. */
function asFinal(error: unknown): unknown {
  if (!(error instanceof PairingError) || error.code === 'certificate-changed') return error;
  return new PairingError(error.code, error.message, { isFinal: true });
}
