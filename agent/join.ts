import { setTimeout as pause } from 'node:timers/promises';
import type { Browsing } from '../discovery/browsing.ts';
import { candidatesOf } from '../discovery/find.ts';
import { APPLIANCE } from '../discovery/kinds.ts';
import type { Lan } from '../discovery/lan.ts';
import { isOver, JoinRequest } from '../discovery/pairing/join-client.ts';
import { newAgentKey } from '../discovery/pairing/keys.ts';
import type { HostFacts } from '../protocol/agent-link.ts';
import type { ApplianceRecord } from '../protocol/presence.ts';
import type { Identity } from './identity.ts';
import { clearJoining, type JoiningState, readJoining, takeConfirmation, writeJoining } from './joining-file.ts';
import { type AgentLog, Once } from './log.ts';
import { advertise } from './presence.ts';
import { VERSION } from './version.ts';

export interface JoinOptions {
  stateDir: string;
  name: string;
  facts: HostFacts;
  /** The only appliance to ask; absent: those that mDNS finds. */
  hub?: string;
  mdns: boolean;
  log: AgentLog;
  signal: AbortSignal;
  /** Makes the state folder this process's own, before it is paired; answers how to give it back, or nothing when another has it. */
  take: () => (() => void) | undefined;
}

/** More are not asked: who floods the LAN with records only hides the right one, for which there is `--hub`. */
const MOST_CANDIDATES = 4;
const TICK_MS = 1_000;
const LOOK_MS = 4_000;
const RETRY_MS = 15_000;
/** After a request has ended: whoever ends them to see other digits gets few. */
const AGAIN_MS = 60_000;
/** Longest life of a request on this side, whatever the other says: ten minutes for each of the two people's steps. */
const LIFE_MS = 20 * 60_000;
const CONFIRM_TRIES = 4;

interface Candidate {
  urls: string[];
  request?: JoinRequest;
  state: 'waiting' | 'accepted';
  /** Monotonic times, ms. */
  begunAt: number;
  lookAt: number;
  askAt: number;
  trouble?: string;
}

/**
 * Makes this machine known on the LAN, asks the appliances that are found to let it in, and shows the six digits of each; resolves with
 * the identity when a person has typed the digits of one in its dashboard and has confirmed them here. Rejects only when the signal ends it.
 */
export async function askToJoin(options: JoinOptions): Promise<Identity> {
  const lan = options.mdns ? advertise(options.name, options.log) : undefined;
  const joining = new Joining(options, lan);
  try {
    // Another agent that waits with this folder asks already.
    while (readJoining(options.stateDir)) await pause(TICK_MS, undefined, { signal: options.signal });
    for (;;) {
      const identity = await joining.tick();
      if (identity) return identity;
      await pause(TICK_MS, undefined, { signal: options.signal });
    }
  } finally {
    joining.end();
    await lan?.stop();
  }
}

class Joining {
  readonly #options: JoinOptions;
  readonly #browsing: Browsing<ApplianceRecord> | undefined;
  readonly #candidates = new Map<string, Candidate>();
  readonly #news = new Once();
  /** Of this wait; a machine that is copied meanwhile makes its own. */
  readonly #key = newAgentKey();
  #shown = '';
  #answer: JoiningState['answer'];

  constructor(options: JoinOptions, lan: Lan | undefined) {
    this.#options = options;
    if (options.hub === undefined) this.#browsing = lan?.browse(APPLIANCE, () => undefined);
  }

  /** One round: asks, looks, shows, and confirms what a person has confirmed. */
  async tick(): Promise<Identity | undefined> {
    this.#find();
    await Promise.all([...this.#candidates.values()].map((candidate) => this.#tend(candidate)));
    const identity = await this.#confirmed();
    if (!identity) this.#show();
    return identity;
  }

  end(): void {
    this.#browsing?.stop();
    if (this.#shown !== '') clearJoining(this.#options.stateDir);
  }

  #find(): void {
    const { hub } = this.#options;
    if (hub !== undefined) this.#meet(hub, [hub]);
    const found = new Map<string, string[]>();
    for (const { instance, record, url } of candidatesOf(this.#browsing?.list() ?? [])) {
      const key = `${instance} ${record.id}`;
      found.set(key, [...(found.get(key) ?? []), url]);
    }
    for (const [key, urls] of found) this.#meet(key, urls);
    for (const [key, { request }] of this.#candidates)
      if (key !== hub && !found.has(key) && !request) this.#candidates.delete(key);
  }

  #meet(key: string, urls: string[]): void {
    const known = this.#candidates.get(key);
    if (known) known.urls = urls;
    else if (this.#candidates.size < MOST_CANDIDATES)
      this.#candidates.set(key, { urls, state: 'waiting', begunAt: 0, lookAt: 0, askAt: 0 });
  }

  async #tend(candidate: Candidate): Promise<void> {
    const now = performance.now();
    if (!candidate.request) return now < candidate.askAt ? undefined : this.#ask(candidate, now);
    if (now - candidate.begunAt > LIFE_MS) return this.#drop(candidate, 'the digits were not compared in time');
    if (now < candidate.lookAt) return;
    candidate.lookAt = now + LOOK_MS;
    try {
      const { state } = await candidate.request.look();
      if (state === 'refused') this.#drop(candidate, 'it was refused there, or wrong digits were typed too often');
      else candidate.state = state;
    } catch (error) {
      if (isOver(error) || isOther(error)) this.#drop(candidate, wordsOf(error));
    }
  }

  async #ask(candidate: Candidate, now: number): Promise<void> {
    const { name, log, signal } = this.#options;
    for (const url of candidate.urls) {
      try {
        candidate.request = await JoinRequest.begin(url, { name, version: VERSION, key: this.#key, signal });
        Object.assign(candidate, { begunAt: now, lookAt: now + LOOK_MS, state: 'waiting' });
        delete candidate.trouble;
        const { digits } = candidate.request;
        log.info({ url, digits }, 'asks to be let in: type these digits in its dashboard, see reeve-agent status');
        return;
      } catch (error) {
        candidate.trouble = `${url}: ${wordsOf(error)}`;
        candidate.askAt = now + (isUnreachable(error) ? RETRY_MS : AGAIN_MS);
      }
    }
    const { trouble } = candidate;
    if (trouble && this.#news.isNews(candidate.urls.join(), trouble))
      log.warn({ reason: trouble }, 'cannot ask to be let in');
  }

  #drop(candidate: Candidate, why: string): void {
    candidate.trouble = `${candidate.request?.url}: the request has ended: ${why}; it is asked again with other digits`;
    candidate.askAt = performance.now() + AGAIN_MS;
    delete candidate.request;
    this.#options.log.info({ reason: candidate.trouble }, 'not let in');
  }

  /** What a person on this machine has confirmed, if its digits were typed in the dashboard before. */
  async #confirmed(): Promise<Identity | undefined> {
    const said = takeConfirmation(this.#options.stateDir);
    if (!said) return undefined;
    const meant = [...this.#candidates.values()].filter(({ request }) => request?.digits === said.digits);
    const [candidate] = meant;
    const request = candidate?.request;
    if (!request || meant.length !== 1 || candidate.state !== 'accepted') {
      this.#answer = {
        id: said.id,
        text: 'These digits are not those of a request that was accepted: look at reeve-agent status.',
      };
      return undefined;
    }
    try {
      return await this.#complete(request);
    } catch (error) {
      this.#answer = { id: said.id, text: wordsOf(error) };
      if (isOver(error) || isOther(error)) this.#drop(candidate, wordsOf(error));
      return undefined;
    }
  }

  async #complete(request: JoinRequest): Promise<Identity> {
    const giveBack = this.#options.take();
    if (!giveBack) throw new Error('Another agent uses the state folder: stop it first.');
    for (let tries = 1; ; tries++) {
      try {
        return { ...(await request.confirm(this.#options.facts)), urls: [request.url] };
      } catch (error) {
        if (!isUnreachable(error) || tries >= CONFIRM_TRIES || this.#options.signal.aborted) {
          giveBack();
          throw error;
        }
        await pause(TICK_MS);
      }
    }
  }

  #show(): void {
    const all = [...this.#candidates.values()];
    const state: JoiningState = {
      candidates: all.flatMap(({ request, state: now }) =>
        request ? [{ digits: request.digits, url: request.url, applianceId: request.applianceId, state: now }] : [],
      ),
      troubles: all.flatMap(({ trouble }) => (trouble ? [trouble.slice(0, 600)] : [])),
      ...(this.#answer && { answer: this.#answer }),
    };
    const shown = JSON.stringify(state);
    if (shown === this.#shown) return;
    writeJoining(this.#options.stateDir, state);
    this.#shown = shown;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
const isUnreachable = (error: unknown): boolean => codeOf(error) === 'unreachable';
const isOther = (error: unknown): boolean => codeOf(error) === 'certificate-changed';
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
