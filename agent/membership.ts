import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { readFacts } from './facts.ts';
import { type Identity, IdentityError, readIdentity, writeIdentity } from './identity.ts';
import type { AgentLog } from './log.ts';
import { dropKeyForPairing, keyForPairing } from './new-key.ts';
import { lockState, StateBusy } from './state-lock.ts';

export interface MembershipOptions {
  stateDir: string;
  log: AgentLog;
  /** One-time token, for an agent that is not paired, or whose appliance no longer knows it. */
  token?: string;
  hub?: string;
  name?: string;
  machineId?: string;
  mdns: boolean;
}

const LOOK_EVERY_MS = 5_000;

/** This agent's belonging to an appliance: how it comes about, where it is kept, and who may use it. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #signal: AbortSignal;
  #identity: Identity | undefined;
  #token: string | undefined;
  #release: (() => void) | undefined;

  /** Throws `StateBusy` when another agent uses the state folder, and `IdentityError` when what is in it cannot be used. */
  constructor(options: MembershipOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#token = options.token;
    this.#identity = this.#read();
    // Who only waits leaves the folder to the run that has a token.
    if (this.#identity || this.#token !== undefined) this.#release = lockState(options.stateDir);
  }

  /** A damaged identity is as good as none for whoever has a token; else a person has to know. */
  #read(): Identity | undefined {
    const { stateDir, log } = this.#options;
    try {
      return readIdentity(stateDir);
    } catch (error) {
      if (!(error instanceof IdentityError) || error.code !== 'identity-damaged' || this.#token === undefined)
        throw error;
      log.warn({ reason: error.message }, 'pairing anew with the token');
      return undefined;
    }
  }

  /** Call after `obtain` only. */
  get identity(): Identity {
    if (!this.#identity) throw new Error('the agent is not paired');
    return this.#identity;
  }

  /** The identity that is there, or a new one by the token; without a token it waits. Throws `PairingError`. */
  async obtain(): Promise<void> {
    const isOther = this.#identity && this.#token !== undefined && (await isForAnother(this.#token, this.#identity));
    if (!this.#identity || isOther) this.#identity = await this.#become();
  }

  /**
   * The appliance no longer knows this agent: with a token that was not used yet it is paired anew. True when that was done. The token it
   * came in by is not used again, even if it would let others in: who was revoked would come back by itself.
   */
  async renew(code: string): Promise<boolean> {
    if (this.#token === undefined || (code !== 'unauthenticated' && code !== 'revoked')) return false;
    try {
      if (await isUsed(this.#token, this.#identity)) return false;
      this.#identity = await this.#become();
      return true;
    } catch (error) {
      this.#options.log.error({ reason: error instanceof Error ? error.message : String(error) }, 'not paired anew');
      return false;
    }
  }

  /** Remembers where the appliance was reached; that it cannot be written is no reason to end. */
  keepUrl(url: string): void {
    const { urls, ...rest } = this.identity;
    if (urls[0] === url) return;
    this.#identity = { ...rest, urls: [url, ...urls.filter((known) => known !== url)] };
    try {
      writeIdentity(this.#options.stateDir, this.#identity);
    } catch (error) {
      this.#options.log.warn({ reason: String(error) }, 'the address of the appliance could not be kept');
    }
  }

  /** Leaves the state folder to others. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
  }

  async #become(): Promise<Identity> {
    const { stateDir, log, hub, name, machineId, mdns } = this.#options;
    const token = this.#token;
    this.#token = undefined;
    if (token === undefined) return this.#wait();
    if (hub === undefined && !mdns) throw new Error('mDNS is off (REEVE_MDNS): say where the appliance is with --hub.');
    const { pair } = await import('./joining.ts');
    const facts = readFacts(machineId === undefined ? {} : { machineId });
    const where = hub === undefined ? {} : { hub };
    const key = keyForPairing(stateDir, {
      now: Date.now(),
      ...(facts.machineId !== undefined && { machineId: facts.machineId }),
    });
    const identity = await pair({ token, name: name ?? hostname(), facts, key, log, signal: this.#signal, ...where });
    writeIdentity(stateDir, identity);
    dropKeyForPairing(stateDir);
    log.info({ appliance: identity.applianceId, url: identity.urls[0] }, 'paired');
    return identity;
  }

  /** Without a token it asks to be let in by six digits, until it is, or another run has paired this machine and ended. */
  async #wait(): Promise<Identity> {
    const { log, mdns, hub } = this.#options;
    const cure = 'In the dashboard choose "Add host", and start the agent with the token shown there: --token T';
    const digits = mdns || hub !== undefined ? ' Or compare six digits: reeve-agent status' : '';
    log.warn({}, `This machine is not paired. ${cure}${digits}`);
    const done = new AbortController();
    const signal = AbortSignal.any([this.#signal, done.signal]);
    const ways = [this.#pairedElsewhere(signal), ...(digits ? [this.#askToJoin(signal)] : [])];
    try {
      return await Promise.race(ways);
    } finally {
      done.abort();
      await Promise.allSettled(ways);
    }
  }

  async #pairedElsewhere(signal: AbortSignal): Promise<Identity> {
    for (;;) {
      await pause(LOOK_EVERY_MS, undefined, { signal });
      const identity = this.#release ? undefined : readIdentity(this.#options.stateDir);
      if (identity && this.#lock()) return identity;
    }
  }

  async #askToJoin(signal: AbortSignal): Promise<Identity> {
    const { stateDir, log, hub, name = hostname(), machineId, mdns } = this.#options;
    const { askToJoin } = await import('./joining.ts');
    const identity = await askToJoin({
      stateDir,
      name,
      facts: readFacts(machineId === undefined ? {} : { machineId }),
      mdns,
      log,
      signal,
      take: () => (this.#lock() ? () => this.release() : undefined),
      ...(hub !== undefined && { hub }),
    });
    writeIdentity(stateDir, identity);
    log.info({ appliance: identity.applianceId, url: identity.urls[0] }, 'paired');
    return identity;
  }

  #lock(): boolean {
    try {
      this.#release = lockState(this.#options.stateDir);
      return true;
    } catch (error) {
      if (error instanceof StateBusy) return false;
      throw error;
    }
  }
}

/** Whether a token belongs to another appliance than the one we are paired with; it carries the hash of its CA's key. */
async function isForAnother(token: string, { ca }: Identity): Promise<boolean> {
  const [{ parseToken }, { readCertificate, spkiHash }] = await Promise.all([
    import('../discovery/pairing/token.ts'),
    import('../discovery/pairing/keys.ts'),
  ]);
  const certificate = readCertificate(ca);
  const wanted = Buffer.from(parseToken(token).caHash);
  return !certificate || !spkiHash(certificate).subarray(0, wanted.length).equals(wanted);
}

/** Whether this agent came in by that token. */
async function isUsed(token: string, identity: Identity | undefined): Promise<boolean> {
  const { parseToken } = await import('../discovery/pairing/token.ts');
  return parseToken(token).tokenId === identity?.tokenId;
}
