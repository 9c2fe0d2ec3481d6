import type { HostFacts } from '../protocol/agent-link.ts';
import type { ApplianceRecord } from '../protocol/presence.ts';
import { urlHost } from './addresses.ts';
import type { Browsing, Sighting } from './browsing.ts';
import { APPLIANCE } from './kinds.ts';
import type { Lan } from './lan.ts';
import type { DiscoveryLog } from './log.ts';
import type { Pairing } from './pairing/agent.ts';
import { pairWith } from './pairing/client.ts';
import { PairingError } from './pairing/failure.ts';
import { type AgentKey, newAgentKey } from './pairing/keys.ts';
import { parseToken } from './pairing/token.ts';

/** Somebody that says it is an appliance, at one address. */
export interface Candidate {
  instance: string;
  record: ApplianceRecord;
  url: string;
}

/** The addresses at which advertised appliances claim to be, in the order of `sightings`; nothing about them is proven. */
export function candidatesOf(sightings: readonly Sighting<ApplianceRecord>[]): Candidate[] {
  return sightings.flatMap(({ instance, record, addresses }) =>
    addresses.map((address) => ({ instance, record, url: `https://${urlHost(address)}:${record.https}` })),
  );
}

export interface FindOptions {
  lan: Pick<Lan, 'browse'>;
  log: DiscoveryLog;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Which to try at all, as by appliance id; all when absent. */
  accepts?: (record: ApplianceRecord) => boolean;
  /** Which to try first. */
  prefers?: (record: ApplianceRecord) => boolean;
}

/** After a refusal, a candidate that shows the same name and address is left alone this long. */
const REFUSED_MS = 30_000;
/** After a failure that may pass. */
const FAILED_MS = 2_000;

/**
 * Browses for appliances and calls `tryAt` with one candidate after another, until one succeeds: only `tryAt` can tell the right
 * one. Final pairing errors end the search; when the time is over it fails with `appliance-not-found` and what was met.
 */
export async function findAppliance<T>(options: FindOptions, tryAt: (candidate: Candidate) => Promise<T>): Promise<T> {
  const search = new CandidateSearch(options);
  try {
    for (;;) {
      const candidate = await search.next();
      if (!candidate) throw search.notFound();
      try {
        return await tryAt(candidate);
      } catch (error) {
        if (error instanceof PairingError && error.isFinal) throw error;
        search.refuse(candidate, error);
      }
    }
  } finally {
    search.stop();
  }
}

/** Candidates one by one; those that were refused are left alone for a while. */
class CandidateSearch {
  readonly #options: FindOptions;
  readonly #browsing: Browsing<ApplianceRecord>;
  readonly #endsAt: number;
  readonly #refused = new Map<string, { until: number; why: string }>();
  #wake: (() => void) | undefined;

  constructor(options: FindOptions) {
    this.#options = options;
    this.#endsAt = performance.now() + options.timeoutMs;
    this.#browsing = options.lan.browse(APPLIANCE, () => this.#wake?.());
  }

  /** The next one to try, as soon as there is one; undefined when the time is over or the signal came. */
  async next(): Promise<Candidate | undefined> {
    while (performance.now() < this.#endsAt && !this.#options.signal?.aborted) {
      const open = ordered(this.#browsing.list(), this.#options).find((candidate) => this.#isOpen(candidate));
      if (open) return open;
      await this.#news();
    }
    return undefined;
  }

  refuse(candidate: Candidate, error: unknown): void {
    const why = reasonOf(candidate, error);
    const pauseMs = error instanceof PairingError && error.code === 'unreachable' ? FAILED_MS : REFUSED_MS;
    this.#refused.set(keyOf(candidate), { until: performance.now() + pauseMs, why });
    this.#options.log.info({ url: candidate.url }, `not this one: ${why}`);
  }

  notFound(): PairingError {
    const reasons = [...this.#refused.values()].map(({ why }) => why);
    const met = reasons.length === 0 ? 'None answered.' : `Met and refused: ${reasons.slice(0, 3).join(' · ')}`;
    return new PairingError(
      'appliance-not-found',
      `The appliance was not found over mDNS. ${met} Is it on this network? Where multicast is blocked, give its address with --hub.`,
    );
  }

  stop(): void {
    this.#browsing.stop();
    this.#wake?.();
  }

  #isOpen(candidate: Candidate): boolean {
    return (this.#refused.get(keyOf(candidate))?.until ?? 0) <= performance.now();
  }

  /** Resolves when something on the LAN has changed, and at the latest after half a second. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, 500);
      this.#wake = () => {
        clearTimeout(limit);
        resolve();
      };
    });
  }
}

export interface PairOnLanOptions extends Omit<FindOptions, 'accepts' | 'prefers'> {
  token: string;
  name: string;
  facts: HostFacts;
  key?: AgentKey;
}

/** Longest wait for one candidate: a silent rogue must not use up the time. */
const CANDIDATE_MS = 3_000;

/** Finds the token's appliance by mDNS alone and pairs with it. Rogues learn the token's public id, and nothing else. */
export async function pairOnLan(options: PairOnLanOptions): Promise<{ pairing: Pairing; url: string }> {
  const { token, name, facts, key = newAgentKey() } = options;
  const caHash = Buffer.from(parseToken(token).caHash);
  const prefers = (record: ApplianceRecord) =>
    Buffer.from(record.ca, 'base64url').subarray(0, caHash.length).equals(caHash);
  return findAppliance({ ...options, prefers }, async ({ url }) => ({
    pairing: await pairWith(url, {
      token,
      name,
      facts,
      key,
      timeoutMs: CANDIDATE_MS,
      ...(options.signal && { signal: options.signal }),
    }),
    url,
  }));
}

function ordered(sightings: readonly Sighting<ApplianceRecord>[], { accepts, prefers }: FindOptions): Candidate[] {
  const candidates = candidatesOf(sightings).filter(({ record }) => accepts?.(record) ?? true);
  return candidates.sort((a, b) => Number(prefers?.(b.record) ?? 0) - Number(prefers?.(a.record) ?? 0));
}

const keyOf = ({ instance, url }: Candidate): string => `${instance} ${url}`;

const reasonOf = ({ instance, url }: Candidate, error: unknown): string =>
  `${JSON.stringify(instance)} at ${url}: ${error instanceof Error ? error.message : String(error)}`;
