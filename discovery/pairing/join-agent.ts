import type { X509Certificate } from 'node:crypto';
import type { HostFacts } from '../../protocol/agent-link.ts';
import type { JoinConfirm, JoinDone, JoinOffer, JoinReveal, JoinStart } from '../../protocol/joining.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { checkCertificates, otherProtocol, type Pairing } from './agent.ts';
import { PairingError } from './failure.ts';
import { commitmentTo, digitsOf, joinTranscript, signJoin } from './join-transcript.ts';
import { type AgentKey, readCertificate, spkiHash } from './keys.ts';

export interface JoinAttemptOptions {
  /** Label of this machine; see `agentName`. */
  name: string;
  version: string;
  key: AgentKey;
  random: (bytes: number) => Uint8Array;
}

interface Agreed {
  offer: JoinOffer;
  bytes: Buffer;
  ca: string;
  digits: string;
}

/**
 * The agent's half of joining without a token, without I/O: `start` → `accept` → (people compare the digits) → `confirm` → `complete`.
 * Nothing is trusted before a person on the host has confirmed; until then the appliance learns name, version and public key.
 */
export class JoinAttempt {
  readonly #options: JoinAttemptOptions;
  readonly #agentNonce: string;
  #start: JoinStart | undefined;
  #agreed: Agreed | undefined;

  constructor(options: JoinAttemptOptions) {
    this.#options = options;
    this.#agentNonce = Buffer.from(options.random(32)).toString('base64url');
  }

  /** First message, for the connection that shows this certificate. */
  start(leaf: X509Certificate): JoinStart {
    if (this.#start) throw outOfOrder();
    const { name, version, key } = this.#options;
    const said = { protocol: PROTOCOL, agentKey: key.publicKey, name, version };
    this.#start = { ...said, commitment: commitmentTo(said, this.#agentNonce, spkiHash(leaf)) };
    return this.#start;
  }

  /** Second message; throws `peer-version`, `certificate-unusable` or `clock-wrong`. From here on there are `digits`. */
  accept(offer: JoinOffer, leaf: X509Certificate, now: number): JoinReveal {
    if (!this.#start || this.#agreed) throw outOfOrder();
    if (offer.protocol !== PROTOCOL) throw otherProtocol(offer.protocol, PROTOCOL);
    const ca = readCertificate(offer.ca);
    if (!ca) throw new PairingError('certificate-unusable', 'The appliance’s CA is not a certificate.');
    checkCertificates({ leaf, ca, applianceId: offer.applianceId, now });
    const bytes = joinTranscript({
      start: this.#start,
      offer,
      agentNonce: this.#agentNonce,
      leafSpkiHash: spkiHash(leaf),
      caSpkiHash: spkiHash(ca),
    });
    // The parsed certificate, not the text: a second one hidden behind it must not become trusted.
    this.#agreed = { offer, bytes, ca: ca.toString(), digits: digitsOf(bytes) };
    const signature = signJoin('reveal', bytes, this.#options.key.privateKeyPem);
    return { joinId: offer.joinId, agentNonce: this.#agentNonce, signature };
  }

  get digits(): string {
    return this.#need().digits;
  }

  get applianceId(): string {
    return this.#need().offer.applianceId;
  }

  get joinId(): string {
    return this.#need().offer.joinId;
  }

  /** Last message: to be made only when a person on this machine has confirmed these digits. */
  confirm(facts: HostFacts): JoinConfirm {
    const { bytes, offer } = this.#need();
    return { joinId: offer.joinId, signature: signJoin('confirm', bytes, this.#options.key.privateKeyPem), facts };
  }

  /** What to store. */
  complete({ agentId }: JoinDone): Pairing {
    const { offer, ca } = this.#need();
    return { applianceId: offer.applianceId, agentId, ca, key: this.#options.key, by: 'digits' };
  }

  #need(): Agreed {
    if (!this.#agreed) throw outOfOrder();
    return this.#agreed;
  }
}

const outOfOrder = () => new Error('joining goes start, accept, confirm, complete');
