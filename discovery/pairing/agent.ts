import type { X509Certificate } from 'node:crypto';
import type { HostFacts } from '../../protocol/agent-link.ts';
import type { PairDone, PairFinish, PairOffer, PairStart } from '../../protocol/pairing.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { PairingError } from './failure.ts';
import { type AgentKey, readCertificate, serverName, spkiHash } from './keys.ts';
import { deriveKeys, type Token, type TokenKeys } from './token.ts';
import { proofOf, sameProof, signTranscript, transcript } from './transcript.ts';

/** What an agent keeps of its pairing, in a file that only it can read. */
export interface Pairing {
  applianceId: string;
  agentId: string;
  /** PEM of the appliance's CA: the only one that is trusted from now on. */
  ca: string;
  key: AgentKey;
  /** Public half of the token that it came in by. */
  tokenId?: string;
  /** How both sides came to know each other; a token where it is not said. */
  by?: 'token' | 'digits';
}

export interface AttemptOptions {
  token: Token;
  /** Label of this machine; see `agentName`. */
  name: string;
  key: AgentKey;
  random: (bytes: number) => Uint8Array;
}

type Stage =
  | { at: 'new' }
  | { at: 'started'; start: PairStart }
  | { at: 'proven'; agreed: Buffer; pairing: Pairing }
  | { at: 'ended' };

/**
 * The agent's half of pairing with one appliance, without I/O: `start` → `accept` → `complete`, once, in this order.
 * Nothing that depends on the token's secret is handed out before the appliance has proven that it knows it.
 */
export class PairingAttempt {
  readonly #options: AttemptOptions;
  readonly #keys: TokenKeys;
  #stage: Stage = { at: 'new' };

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#keys = deriveKeys(options.token);
  }

  /** First message: only public halves and a nonce. */
  start(): PairStart {
    if (this.#stage.at !== 'new') throw outOfOrder();
    const { token, name, key, random } = this.#options;
    const start: PairStart = {
      protocol: PROTOCOL,
      tokenId: token.tokenId,
      agentNonce: Buffer.from(random(32)).toString('base64url'),
      agentKey: key.publicKey,
      name,
    };
    this.#stage = { at: 'started', start };
    return start;
  }

  /**
   * Second message, after the appliance has proven itself against the certificate that the socket shows (`leaf`).
   * Throws `appliance-unproven`, `peer-version`, `certificate-unusable` or `clock-wrong`; then nothing may be sent.
   */
  accept(offer: PairOffer, leaf: X509Certificate, { facts, now }: { facts: HostFacts; now: number }): PairFinish {
    if (this.#stage.at !== 'started') throw outOfOrder();
    const { start } = this.#stage;
    this.#stage = { at: 'ended' };
    if (offer.protocol !== start.protocol) throw otherProtocol(offer.protocol, start.protocol);
    const ca = readCertificate(offer.ca);
    if (!ca || !this.#isTokensCa(ca)) throw unproven('it has another key than the one in the token');
    const agreed = transcript({ start, offer, leafSpkiHash: spkiHash(leaf), caSpkiHash: spkiHash(ca) });
    if (!sameProof(proofOf(this.#keys.appliance, 'offer', agreed), offer.proof)) {
      throw tokenIsDead();
    }
    checkCertificates({ leaf, ca, applianceId: offer.applianceId, now });
    const { key, token } = this.#options;
    const { applianceId, agentId } = offer;
    // The parsed certificate, not the text: a second one hidden behind it must not become trusted.
    this.#stage = {
      at: 'proven',
      agreed,
      pairing: { applianceId, agentId, ca: ca.toString(), key, tokenId: token.tokenId, by: 'token' },
    };
    return {
      sessionId: offer.sessionId,
      proof: proofOf(this.#keys.agent, 'confirm', agreed).toString('base64url'),
      signature: signTranscript(agreed, key.privateKeyPem),
      facts,
    };
  }

  /** What to store, once the appliance has proven that it stored this agent; else throws `appliance-unproven`. */
  complete(done: PairDone): Pairing {
    if (this.#stage.at !== 'proven') throw outOfOrder();
    const { agreed, pairing } = this.#stage;
    this.#stage = { at: 'ended' };
    if (!sameProof(proofOf(this.#keys.appliance, 'done', agreed), done.proof)) {
      throw unproven('its last answer is not genuine');
    }
    return pairing;
  }

  #isTokensCa(ca: X509Certificate): boolean {
    const { caHash } = this.#options.token;
    return spkiHash(ca).subarray(0, caHash.length).equals(caHash);
  }
}

/** A host name made fit to be a label: no control characters, 1 to 64 characters. */
export function agentName(hostName: string): string {
  const clean = hostName
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '')
    .trim()
    .slice(0, 64)
    .replace(/[\ud800-\udbff]$/, '');
  return clean === '' ? 'unnamed' : clean;
}

interface Presented {
  leaf: X509Certificate;
  ca: X509Certificate;
  applianceId: string;
  now: number;
}

/**
 * Checks what later connections demand: to find it missing only then would leave a burnt token and no way in. Throws
 * `certificate-unusable` or `clock-wrong`.
 */
export function checkCertificates({ leaf, ca, applianceId, now }: Presented): void {
  const name = serverName(applianceId);
  if (!ca.ca || !leaf.checkIssued(ca) || !leaf.verify(ca.publicKey)) {
    throw unusable('its certificate was not issued by its own CA');
  }
  if (leaf.checkHost(name, { subject: 'never' }) === undefined)
    throw unusable(`its certificate is not made out to ${name}`);
  for (const certificate of [leaf, ca]) {
    if (now >= Date.parse(certificate.validFrom) && now <= Date.parse(certificate.validTo)) continue;
    const span = `${certificate.validFrom} to ${certificate.validTo}`;
    throw new PairingError(
      'clock-wrong',
      `The appliance's certificate holds from ${span}, but here it is ${new Date(now).toISOString()}: set the clock of the machine that is wrong.`,
      { isFinal: true },
    );
  }
}

const outOfOrder = () => new Error('a pairing attempt goes start, accept, complete, and only once');
const unproven = (why: string) => new PairingError('appliance-unproven', `This is not the token's appliance: ${why}.`);
/** It shows the right CA, which is no secret: the likeliest cause by far stands first. */
const tokenIsDead = () =>
  new PairingError(
    'appliance-unproven',
    'The token was used or revoked or has expired, or who answers is not its appliance and does not know the token. Make a new one in the dashboard with "Add host".',
  );
const unusable = (why: string) =>
  new PairingError(
    'certificate-unusable',
    `The appliance cannot be pinned: ${why}. Restart it to renew its certificate.`,
    { isFinal: true },
  );
/** The two speak different versions. */
export const otherProtocol = (theirs: number, ours: number) =>
  new PairingError(
    'peer-version',
    `The appliance speaks protocol ${theirs}, this agent ${ours}: update the ${theirs > ours ? 'agent' : 'appliance'}.`,
  );
