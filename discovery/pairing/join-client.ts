import { randomBytes, type X509Certificate } from 'node:crypto';
import type { z } from 'zod';
import type { HostFacts } from '../../protocol/agent-link.ts';
import { type JoinState, joinDone, joinOffer, joinState } from '../../protocol/joining.ts';
import { confirmJoin, lookAtJoin, revealJoin, startJoin } from '../../protocol/routes/joining.ts';
import { agentName, type Pairing } from './agent.ts';
import { post } from './exchange.ts';
import { certificateChanged, PairingError } from './failure.ts';
import { JoinAttempt } from './join-agent.ts';
import { type AgentKey, spkiHash } from './keys.ts';

const REQUEST_MS = 4_000;

export interface JoinWithOptions {
  /** Name of this machine; made fit by `agentName`. */
  name: string;
  version: string;
  key: AgentKey;
  signal?: AbortSignal;
}

/** A request to join one appliance, which shows the same TLS key on every message or gets none. All methods throw `PairingError`. */
export class JoinRequest {
  readonly url: string;
  readonly #attempt: JoinAttempt;
  readonly #signal: AbortSignal | undefined;
  #seen: Buffer | undefined;

  private constructor(url: string, options: JoinWithOptions) {
    this.url = url;
    this.#attempt = new JoinAttempt({ ...options, name: agentName(options.name), random: randomBytes });
    this.#signal = options.signal;
  }

  /** Asks the appliance at `url` (https) to let this machine in; resolves when both sides know the digits. */
  static async begin(url: string, options: JoinWithOptions): Promise<JoinRequest> {
    const request = new JoinRequest(url, options);
    const attempt = request.#attempt;
    const first = await request.#post(startJoin.path, joinOffer, (leaf) => {
      request.#seen = spkiHash(leaf);
      return attempt.start(leaf);
    });
    const reveal = attempt.accept(first.body, first.leaf, Date.now());
    await request.#post(revealJoin.path, joinState, () => reveal);
    return request;
  }

  /** Six digits to be compared by people. */
  get digits(): string {
    return this.#attempt.digits;
  }

  get applianceId(): string {
    return this.#attempt.applianceId;
  }

  /** What became of it on the appliance. */
  async look(): Promise<JoinState> {
    const { joinId } = this.#attempt;
    return (await this.#post(lookAtJoin.path, joinState, () => ({ joinId }))).body;
  }

  /** Completes the pairing and answers what to store. To be called only when a person on this machine has confirmed these digits. */
  async confirm(facts: HostFacts): Promise<Pairing> {
    const message = this.#attempt.confirm(facts);
    return this.#attempt.complete((await this.#post(confirmJoin.path, joinDone, () => message)).body);
  }

  #post<S extends z.ZodType>(path: string, answer: S, message: (leaf: X509Certificate) => unknown) {
    const signal = this.#signal;
    return post({ url: new URL(this.url), path, answer, timeoutMs: REQUEST_MS, signal }, (leaf) => {
      if (this.#seen && !spkiHash(leaf).equals(this.#seen)) throw certificateChanged();
      return message(leaf);
    });
  }
}

/** Whether the request is over for this side too; anything else may pass. */
export const isOver = (error: unknown): boolean => error instanceof PairingError && error.code === 'pairing-refused';
