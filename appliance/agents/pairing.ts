import type { PairedAgent } from '../../discovery/pairing/appliance.ts';
import { PairingError } from '../../discovery/pairing/failure.ts';
import type { PairDone, PairFinish, PairOffer, PairStart } from '../../protocol/pairing.ts';
import { Problem } from '../problem.ts';
import { type EnrolParts, enrol } from './enrol.ts';
import type { Tokens } from './tokens.ts';

export interface PairingParts extends EnrolParts {
  tokens: Tokens;
}

/** Redeems tokens: who proves token and key becomes a host with an agent. */
export class Pairing {
  readonly #parts: PairingParts;
  /** Agents that are being stored, by id. */
  readonly #storing = new Map<string, Promise<void>>();

  constructor(parts: PairingParts) {
    this.#parts = parts;
  }

  start(message: PairStart, from: string): PairOffer {
    return asProblem(() => this.#parts.tokens.desk.start(message, { now: this.#parts.now(), from }));
  }

  /** Answers only when the new agent is stored; a repetition that comes meanwhile waits for the same write. */
  async finish(message: PairFinish, from: string): Promise<PairDone> {
    const { tokens, now } = this.#parts;
    const { done, agentId, paired } = asProblem(() => tokens.desk.finish(message, { now: now(), from }));
    const isFirst = paired !== undefined && !this.#storing.has(agentId);
    if (isFirst) this.#storing.set(agentId, this.#store(paired, from));
    try {
      await this.#storing.get(agentId);
    } catch (error) {
      tokens.desk.forget(message.sessionId);
      throw error;
    } finally {
      if (isFirst) this.#storing.delete(agentId);
    }
    return done;
  }

  async #store(paired: PairedAgent, from: string): Promise<void> {
    const { tokens } = this.#parts;
    const made = tokens.madeFor(paired.tokenId);
    await tokens.settled(); // The use is on disk before the agent is: a crash between must not leave the token usable once more.
    const hostId = await enrol({ ...paired, ...made, name: made.name ?? paired.name, by: 'token', from }, this.#parts);
    await tokens.redeemed(paired.tokenId, hostId);
  }
}

const CODES = {
  'pairing-refused': true,
  'too-many-requests': true,
  'peer-version': true,
  'invalid-request': true,
} as const;
const isProblemCode = (code: string): code is keyof typeof CODES => code in CODES;

/** What pairing throws, as the API says it. */
export function asProblem<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PairingError && isProblemCode(error.code)) throw new Problem(error.code, error.message);
    throw error;
  }
}
