import type { JoinDesk, JoinedAgent } from '../../discovery/pairing/join-desk.ts';
import type { OpenJoin } from '../../discovery/pairing/join-request.ts';
import type { JoinConfirm, JoinDone, JoinOffer, JoinReveal, JoinStart, JoinState } from '../../protocol/joining.ts';
import type { JoinRequestAnswer } from '../../protocol/routes/joining.ts';
import { Problem } from '../problem.ts';
import { type EnrolParts, enrol } from './enrol.ts';
import { asProblem } from './pairing.ts';

export interface JoinParts extends EnrolParts {
  desk: JoinDesk;
  /** Id for a new agent. */
  newId(): string;
}

/** Who types digits, and where. */
export interface Typist {
  siteId: string;
  userName: string;
  from: string;
}

/** Agents that ask to join without a token: people compare six digits here and confirm on the host, then they become hosts. */
export class Joins {
  readonly #parts: JoinParts;
  /** Agents by the id of their request: a repetition gets the same answer. */
  readonly #stored = new Map<string, Promise<{ agentId: string; hostId: string }>>();

  constructor(parts: JoinParts) {
    this.#parts = parts;
  }

  start(message: JoinStart, from: string): JoinOffer {
    return asProblem(() => this.#parts.desk.start(message, this.#received(from)));
  }

  reveal(message: JoinReveal, from: string): JoinState {
    return asProblem(() => this.#parts.desk.reveal(message, this.#received(from)));
  }

  look(joinId: string, from: string): JoinState {
    return asProblem(() => this.#parts.desk.look(joinId, this.#received(from)));
  }

  /** The last step: answers only when host and agent are stored. */
  async confirm(message: JoinConfirm, from: string): Promise<JoinDone> {
    const { desk, now } = this.#parts;
    const joined = asProblem(() => desk.confirm(message, this.#received(from)));
    const { requestId } = joined;
    const storing = this.#stored.get(requestId) ?? this.#store(joined, from);
    this.#stored.set(requestId, storing);
    try {
      const { agentId, hostId } = await storing;
      desk.joined(message.joinId, hostId, now());
      return { agentId };
    } catch (error) {
      this.#stored.delete(requestId);
      throw error;
    }
  }

  list(siteId: string): JoinRequestAnswer[] {
    return this.#parts.desk.list(siteId, this.#parts.now()).map(described);
  }

  /** Compares digits. Wrong ones are a problem of that field and stand in the audit trail. */
  accept(id: string, typed: { digits: string; name?: string }, { siteId, userName, from }: Typist): JoinRequestAnswer {
    const { desk, hub, now } = this.#parts;
    const before = desk.list(siteId, now()).find((request) => request.id === id);
    const name = typed.name === undefined ? {} : { name: typed.name };
    const result = desk.accept(id, typed.digits, { now: now(), siteId, ...name });
    if (result === undefined) throw notOpen();
    if (result !== 'wrong') return described(result);
    const detail = { joinRequestId: id, name: before?.name, address: before?.from };
    hub.emit('audit', { at: now(), siteId, who: userName, from, what: 'agents.wrongDigits', detail });
    throw wrongDigits((before?.triesLeft ?? 1) - 1);
  }

  /** Agents that were accepted into a site which is removed do not come in any more. */
  refuseAll(siteId: string): void {
    const accepted = this.list(siteId).filter(({ state }) => state === 'accepted');
    for (const { id } of accepted) this.refuse(id, siteId);
  }

  refuse(id: string, siteId: string): void {
    if (!this.#parts.desk.refuse(id, siteId, this.#parts.now())) throw notOpen();
  }

  async #store(
    { requestId, agentKey, name, siteId, facts }: JoinedAgent,
    from: string,
  ): Promise<{ agentId: string; hostId: string }> {
    const agentId = this.#parts.newId();
    const hostId = await enrol(
      { agentId, agentKey, name, siteId, facts, isOwn: false, by: 'digits', from },
      this.#parts,
    );
    // A request is forgotten half a minute after; so is what it became.
    const forget = setTimeout(() => this.#stored.delete(requestId), 60_000);
    forget.unref();
    return { agentId, hostId };
  }

  #received(from: string) {
    return { now: this.#parts.now(), from };
  }
}

function described({
  id,
  name,
  version,
  from,
  askedAt,
  expiresAt,
  state,
  triesLeft,
  hostId,
}: OpenJoin): JoinRequestAnswer {
  return {
    id,
    name,
    version: printable(version),
    address: from,
    askedAt,
    expiresAt,
    state,
    triesLeft,
    ...(hostId !== undefined && { hostId }),
  };
}

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '');

const notOpen = () =>
  new Problem(
    'not-found',
    'This request is not open any more: look at the host, whether it asks again with other digits',
  );

function wrongDigits(left: number): Problem {
  const cure =
    left > 0
      ? `${left === 1 ? 'One try is' : `${left} tries are`} left. If they are what the host shows, somebody stands between it and this appliance: do not confirm there`
      : 'That was the last try: the host asks again with other digits in a minute. If they were what it showed, somebody stands between it and this appliance';
  return new Problem('invalid-request', 'The digits differ', [
    { path: 'body.digits', message: `these are not the digits of this request. ${cure}` },
  ]);
}
