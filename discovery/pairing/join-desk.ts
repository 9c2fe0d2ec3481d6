import type { HostFacts } from '../../protocol/agent-link.ts';
import type { JoinConfirm, JoinOffer, JoinReveal, JoinStart, JoinState } from '../../protocol/joining.ts';
import { PAIRING_LIMITS } from '../../protocol/limits.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { type Received, refuseOtherProtocol } from './appliance.ts';
import { PairingError } from './failure.ts';
import { asOpen, isVisible, type JoinRequest, type OpenJoin, sameDigits, stateOf } from './join-request.ts';
import { commitmentTo, digitsOf, joinSignedBy, joinTranscript } from './join-transcript.ts';
import { readCertificate, spkiHash } from './keys.ts';
import { addressBlock, RateLimit } from './rate.ts';

export interface JoinDeskOptions {
  applianceId: string;
  /** PEM of the appliance's CA and of the leaf that is served to agents. */
  ca: string;
  leaf: string;
  random: (bytes: number) => Uint8Array;
  /** Id for a new request, by which people name it; rising with time. */
  newId: () => string;
}

/** An agent whose digits were compared and that was confirmed on its host; to be stored before the answer is sent. */
export interface JoinedAgent {
  requestId: string;
  agentKey: string;
  name: string;
  siteId: string;
  facts: HostFacts;
}

/**
 * The appliance's half of joining without a token, without I/O. A request lives in memory only: after a restart the agent asks anew.
 * One that has begun counts against the limits for `joinMs` whatever becomes of it, since whoever stands in between could otherwise
 * begin and drop requests until the digits happen to be those of the agent.
 */
export class JoinDesk {
  readonly #options: JoinDeskOptions;
  readonly #leafSpkiHash: Buffer;
  readonly #caSpkiHash: Buffer;
  readonly #ca: string;
  readonly #requests = new Map<string, JoinRequest>();
  readonly #starts = new RateLimit(PAIRING_LIMITS.requestsPerMinute);
  readonly #looks = new RateLimit(PAIRING_LIMITS.looksPerMinute);

  constructor(options: JoinDeskOptions) {
    const [ca, leaf] = [readCertificate(options.ca), readCertificate(options.leaf)];
    if (!ca || !leaf)
      throw new PairingError('certificate-unusable', 'The CA or the leaf for agents is not a certificate.');
    this.#options = options;
    this.#ca = ca.toString();
    this.#caSpkiHash = spkiHash(ca);
    this.#leafSpkiHash = spkiHash(leaf);
  }

  /** An agent asks to be let in. Throws `too-many-requests` or `peer-version`. */
  start(message: JoinStart, { now, from }: Received): JoinOffer {
    if (!this.#starts.allow(from, now)) throw tooMany();
    refuseOtherProtocol(message.protocol);
    this.#sweep(now);
    const sender = addressBlock(from);
    const fromThere = [...this.#requests.values()].filter((request) => addressBlock(request.from) === sender).length;
    if (this.#requests.size >= PAIRING_LIMITS.joins || fromThere >= PAIRING_LIMITS.joinsPerAddress)
      throw tooManyJoins();
    const offer = {
      protocol: PROTOCOL,
      joinId: Buffer.from(this.#options.random(16)).toString('base64url'),
      applianceNonce: Buffer.from(this.#options.random(32)).toString('base64url'),
      applianceId: this.#options.applianceId,
    };
    this.#requests.set(offer.joinId, {
      id: this.#options.newId(),
      start: message,
      offer,
      from,
      askedAt: now,
      expiresAt: now + PAIRING_LIMITS.joinMs,
      state: 'begun',
      wrongTries: 0,
    });
    return { ...offer, ca: this.#ca };
  }

  /** The agent opens its commitment. Throws `pairing-refused` when it does not open, or comes late or twice. */
  reveal({ joinId, agentNonce, signature }: JoinReveal, { now, from }: Received): JoinState {
    const request = this.#look(joinId, { now, from });
    const { start, offer } = request;
    const isInTime = now - request.askedAt < PAIRING_LIMITS.sessionMs;
    if (request.state !== 'begun' || !isInTime) throw refused();
    const [leafSpkiHash, caSpkiHash] = [this.#leafSpkiHash, this.#caSpkiHash];
    const agreed = joinTranscript({ start, offer, agentNonce, leafSpkiHash, caSpkiHash });
    const opens = commitmentTo(start, agentNonce, leafSpkiHash) === start.commitment;
    if (!opens || !joinSignedBy(start.agentKey, { step: 'reveal', agreed }, signature)) {
      request.state = 'dead';
      throw refused();
    }
    request.state = 'waiting';
    request.agreed = agreed;
    return stateOf(request, now);
  }

  /** What became of a request, for its agent. Throws `pairing-refused` for one that is not known. */
  look(joinId: string, received: Received): JoinState {
    return stateOf(this.#look(joinId, received), received.now);
  }

  /** Requests that people of a site may see: those that nobody accepted yet, and their own. Oldest first. */
  list(siteId: string, now: number): OpenJoin[] {
    this.#sweep(now);
    return [...this.#requests.values()]
      .filter((request) => isVisible(request, siteId))
      .map(asOpen)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * A person has typed the digits that the host shows. True when they are right: the request then waits for the word on the host. After
   * three wrong ones it is dead. Undefined when there is no such request.
   */
  accept(
    id: string,
    typed: string,
    { now, siteId, name }: { now: number; siteId: string; name?: string },
  ): OpenJoin | 'wrong' | undefined {
    const request = this.#find(id, siteId, now);
    if (request?.state !== 'waiting' || !request.agreed) return undefined;
    if (!sameDigits(digitsOf(request.agreed), typed)) {
      request.wrongTries++;
      if (request.wrongTries >= PAIRING_LIMITS.digitTries) request.state = 'dead';
      return 'wrong';
    }
    request.state = 'accepted';
    request.siteId = siteId;
    if (name !== undefined) request.name = name;
    request.expiresAt = now + PAIRING_LIMITS.joinMs;
    return asOpen(request);
  }

  /** A person does not want it. Says whether there was one. */
  refuse(id: string, siteId: string, now: number): boolean {
    const request = this.#find(id, siteId, now);
    if (!request || request.hostId !== undefined) return false;
    request.state = 'dead';
    return true;
  }

  /** The word of a person on the host. Throws `pairing-refused` unless the digits were compared here before. */
  confirm({ joinId, signature, facts }: JoinConfirm, received: Received): JoinedAgent {
    const request = this.#look(joinId, received);
    const { state, agreed, siteId, start } = request;
    if (state !== 'accepted' || !agreed || siteId === undefined) throw refused();
    if (!joinSignedBy(start.agentKey, { step: 'confirm', agreed }, signature)) throw refused();
    return { requestId: request.id, agentKey: start.agentKey, name: request.name ?? start.name, siteId, facts };
  }

  /** The agent is stored; its request is answered again for 30 s, in case the answer is lost. */
  joined(joinId: string, hostId: string, now: number): void {
    const request = this.#requests.get(joinId);
    if (!request || request.hostId !== undefined) return;
    request.hostId = hostId;
    request.expiresAt = now + PAIRING_LIMITS.sessionMs;
  }

  #look(joinId: string, { now, from }: Received): JoinRequest {
    if (!this.#looks.allow(from, now)) throw tooMany();
    this.#sweep(now);
    const request = this.#requests.get(joinId);
    if (!request) throw refused();
    return request;
  }

  #find(id: string, siteId: string, now: number): JoinRequest | undefined {
    this.#sweep(now);
    return [...this.#requests.values()].find((request) => request.id === id && isVisible(request, siteId));
  }

  #sweep(now: number): void {
    for (const [joinId, { expiresAt }] of this.#requests) if (expiresAt <= now) this.#requests.delete(joinId);
  }
}

const refused = () =>
  new PairingError(
    'pairing-refused',
    'This request to join is not open: it has expired, was refused, or was never made.',
  );
const tooMany = () => new PairingError('too-many-requests', 'Too many requests: wait a minute and try again.');
const tooManyJoins = () =>
  new PairingError(
    'too-many-requests',
    'Too many machines have asked to join: wait ten minutes, or pair with a token from the dashboard.',
  );
