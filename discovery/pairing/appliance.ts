import type { X509Certificate } from 'node:crypto';
import type { HostFacts } from '../../protocol/agent-link.ts';
import {
  PAIRING_LIMITS,
  type PairDone,
  type PairFinish,
  type PairOffer,
  type PairStart,
} from '../../protocol/pairing.ts';
import { judgeProtocol, OLDEST_PROTOCOL, PROTOCOL } from '../../protocol/version.ts';
import { PairingError } from './failure.ts';
import { readCertificate, spkiHash } from './keys.ts';
import { RateLimit } from './rate.ts';
import { deriveKeys, makeToken, type Token, tokenText } from './token.ts';
import { TokenDrawer, type TokenRecord, type TokenTerms } from './token-drawer.ts';
import { proofOf, sameProof, transcript, transcriptSignedBy } from './transcript.ts';

export interface PairingDeskOptions {
  applianceId: string;
  /** PEM of the appliance's CA and of the leaf that is served to agents. */
  ca: string;
  leaf: string;
  random: (bytes: number) => Uint8Array;
  /** Id for a new agent. */
  newId: () => string;
  /** Told of each change of a token, synchronously and before the answer exists; the record is a copy, to be stored sealed. */
  onChange: (record: TokenRecord) => void;
}

/** When, and from which address, a message came. */
export interface Received {
  now: number;
  from: string;
}

/** An agent that has just proven token and key; to be stored before the answer is sent. */
export interface PairedAgent {
  agentId: string;
  /** Raw Ed25519 public key, base64url: the agent's identity. */
  agentKey: string;
  /** A label, as the agent gave it; two agents may have the same. */
  name: string;
  facts: HostFacts;
  tokenId: string;
}

/**
 * `paired` is there once per session; a repeated message (lost answer) gets only the same `done` again. With a token for several, an agent
 * that comes again with its key is there again, under the same id.
 */
export interface FinishResult {
  done: PairDone;
  agentId: string;
  paired?: PairedAgent;
}

interface Session {
  start: PairStart;
  agentId: string;
  transcript: Buffer;
  expiresAt: number;
  finished?: { confirmation: Buffer; done: PairDone };
}

/**
 * The appliance's half of pairing, without I/O: mutual HMAC with a token, bound to the TLS key as the agent sees it.
 * The appliance proves itself first; unknown and dead tokens get an offer of the same shape and cost.
 */
export class PairingDesk {
  readonly #options: PairingDeskOptions;
  readonly #ca: X509Certificate;
  readonly #caSpkiHash: Buffer;
  readonly #leafSpkiHash: Buffer;
  readonly #tokens: TokenDrawer;
  readonly #sessions = new Map<string, Session>();
  readonly #rate = new RateLimit(PAIRING_LIMITS.requestsPerMinute);

  constructor(options: PairingDeskOptions) {
    const ca = readCertificate(options.ca);
    const leaf = readCertificate(options.leaf);
    if (!ca || !leaf)
      throw new PairingError('certificate-unusable', 'The CA or the leaf for agents is not a certificate.');
    this.#options = options;
    this.#ca = ca;
    this.#caSpkiHash = spkiHash(ca);
    this.#leafSpkiHash = spkiHash(leaf);
    this.#tokens = new TokenDrawer(options.onChange);
  }

  /** Makes a token. The text is not kept anywhere: show it once. `onChange` hears of the record too. */
  issue(now: number, terms: TokenTerms = {}): { text: string; record: TokenRecord } {
    const token: Token = makeToken(this.#options.random, this.#caSpkiHash);
    return { text: tokenText(token), record: this.#tokens.put(token.tokenId, deriveKeys(token), { now, ...terms }) };
  }

  /** Puts back tokens that were stored before a restart. */
  restore(records: readonly TokenRecord[]): void {
    this.#tokens.restore(records);
  }

  /** Makes an open token useless; says whether there was one. */
  revoke(tokenId: string): boolean {
    return this.#tokens.revoke(tokenId);
  }

  /** Answers an agent's first message. Throws `too-many-requests` or `peer-version`; never says anything about the token. */
  start(message: PairStart, { now, from }: Received): PairOffer {
    this.#admit(now, from);
    refuseOtherProtocol(message.protocol);
    this.#sweep(now);
    if (this.#sessions.size >= PAIRING_LIMITS.openSessions) throw tooMany();
    const token = this.#tokens.live(message.tokenId, message.agentKey, now);
    const session = this.#open(message, token?.agentId ?? this.#options.newId(), now);
    const stranger = this.#options.random(32);
    const key = token?.keys.appliance ?? stranger;
    return { ...session.offer, proof: proofOf(key, 'offer', session.transcript).toString('base64url') };
  }

  /** Checks an agent's second message; throws `pairing-refused`, and after five wrong ones the token is locked. */
  finish(message: PairFinish, { now, from }: Received): FinishResult {
    this.#admit(now, from);
    this.#sweep(now);
    const session = this.#sessions.get(message.sessionId);
    if (!session) throw refused();
    if (session.finished) return this.#repeat(session, message);
    const token = this.#tokens.live(session.start.tokenId, session.start.agentKey, now);
    // An agent that came in by another session meanwhile has another id than this one offered.
    const isOther = token?.agentId !== undefined && token.agentId !== session.agentId;
    if (!token || isOther) throw this.#drop(message.sessionId);
    const confirmation = proofOf(token.keys.agent, 'confirm', session.transcript);
    const knowsToken = sameProof(confirmation, message.proof);
    const holdsKey = transcriptSignedBy(session.start.agentKey, session.transcript, message.signature);
    if (!knowsToken || !holdsKey) {
      this.#tokens.countWrongTry(session.start.tokenId);
      throw this.#drop(message.sessionId);
    }
    const done = { proof: proofOf(token.keys.appliance, 'done', session.transcript).toString('base64url') };
    this.#tokens.use(session.start.tokenId, { key: session.start.agentKey, id: session.agentId });
    session.finished = { confirmation, done };
    session.expiresAt = now + PAIRING_LIMITS.sessionMs;
    return { done, agentId: session.agentId, paired: pairedAgent(session, message.facts) };
  }

  /** Takes back the answer to repetitions, for when the new agent could not be stored; the use of its token stays counted. */
  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  #open(start: PairStart, agentId: string, now: number): { offer: Omit<PairOffer, 'proof'>; transcript: Buffer } {
    const { applianceId, random } = this.#options;
    const offer = {
      protocol: start.protocol,
      sessionId: Buffer.from(random(16)).toString('base64url'),
      applianceNonce: Buffer.from(random(32)).toString('base64url'),
      applianceId,
      agentId,
      ca: this.#ca.toString(),
    };
    const agreed = transcript({ start, offer, leafSpkiHash: this.#leafSpkiHash, caSpkiHash: this.#caSpkiHash });
    const expiresAt = now + PAIRING_LIMITS.sessionMs;
    this.#sessions.set(offer.sessionId, { start, agentId, transcript: agreed, expiresAt });
    return { offer, transcript: agreed };
  }

  #repeat(session: Session, message: PairFinish): FinishResult {
    if (!session.finished || !sameProof(session.finished.confirmation, message.proof)) throw refused();
    return { done: session.finished.done, agentId: session.agentId };
  }

  #admit(now: number, from: string): void {
    if (!this.#rate.allow(from, now)) throw tooMany();
  }

  #drop(sessionId: string): PairingError {
    this.#sessions.delete(sessionId);
    return refused();
  }

  #sweep(now: number): void {
    for (const [id, session] of this.#sessions) if (session.expiresAt <= now) this.#sessions.delete(id);
    this.#tokens.sweep(now);
  }
}

const pairedAgent = ({ start, agentId }: Session, facts: HostFacts): PairedAgent => ({
  agentId,
  agentKey: start.agentKey,
  name: start.name,
  facts,
  tokenId: start.tokenId,
});

/** Throws `peer-version` with who has to be updated. */
export function refuseOtherProtocol(theirs: number): void {
  const verdict = judgeProtocol(theirs);
  if (verdict === 'ok') return;
  const cure =
    verdict === 'peer-too-old'
      ? `this appliance needs at least ${OLDEST_PROTOCOL}: update the agent.`
      : `this appliance only ${PROTOCOL}: update the appliance.`;
  throw new PairingError('peer-version', `The agent speaks protocol ${theirs}, ${cure}`);
}

const refused = () =>
  new PairingError('pairing-refused', 'Pairing was refused: make a new token in the dashboard and try again.');
const tooMany = () => new PairingError('too-many-requests', 'Too many attempts to pair: wait a minute and try again.');
