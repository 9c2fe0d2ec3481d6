import { PairingError } from '../../discovery/pairing/failure.ts';
import type { HostFacts } from '../../protocol/agent-link.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { PairDone, PairFinish, PairOffer, PairStart } from '../../protocol/pairing.ts';
import type { Hub } from '../hub.ts';
import { Problem } from '../problem.ts';
import type { Registry } from './registry.ts';
import type { Tokens } from './tokens.ts';

export interface PairingParts {
  tokens: Tokens;
  registry: Registry;
  hub: Hub;
  now: () => number;
  /** Adds a host to the inventory. */
  register(host: { siteId: string; name: string; facts: HostFacts; isAppliance: boolean }): Promise<Host>;
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
    if (paired) this.#storing.set(agentId, this.#store(paired, from));
    try {
      await this.#storing.get(agentId);
    } catch (error) {
      tokens.desk.forget(message.sessionId);
      throw error;
    } finally {
      if (paired) this.#storing.delete(agentId);
    }
    return done;
  }

  async #store(
    paired: { agentId: string; agentKey: string; name: string; facts: HostFacts; tokenId: string },
    from: string,
  ): Promise<void> {
    const { tokens, registry, hub, now, register } = this.#parts;
    const { siteId, name, isOwn } = tokens.madeFor(paired.tokenId);
    await tokens.settled(); // The burnt token is on disk before the agent is: a crash between must not leave it usable.
    const host = await register({ siteId, name: name ?? paired.name, facts: paired.facts, isAppliance: isOwn });
    if (isOwn) for (const { id } of registry.ofHost(host.id)) await registry.remove(id);
    await registry.add({
      id: paired.agentId,
      siteId,
      hostId: host.id,
      publicKey: paired.agentKey,
      state: 'active',
      version: '',
      pairedAt: now(),
      isOwn,
    });
    await tokens.redeemed(paired.tokenId, host.id);
    hub.emit('audit', {
      at: now(),
      siteId,
      who: 'agent',
      from,
      what: 'agent.paired',
      detail: { agentId: paired.agentId, hostId: host.id, name: host.name },
    });
  }
}

const CODES = {
  'pairing-refused': true,
  'too-many-requests': true,
  'peer-version': true,
  'invalid-request': true,
} as const;
const isProblemCode = (code: string): code is keyof typeof CODES => code in CODES;

function asProblem<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PairingError && isProblemCode(error.code)) throw new Problem(error.code, error.message);
    throw error;
  }
}
