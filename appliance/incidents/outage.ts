import type { Host } from '../../protocol/hosts.ts';
import { isSilent } from './reach.ts';

/** What the appliance's machine knows of its own network. */
export interface OwnNetwork {
  links: 'up' | 'down' | 'unknown';
  gateway: 'answers' | 'silent' | 'unknown';
}

/** With fewer hosts all of them may well be gone. */
const LEAST_HOSTS = 3;
const NEARLY_ALL = 0.9;
const HALF = 0.5;
/** It has to be so for this long. */
const SUSTAIN_MS = 15_000;
/** Hosts that have been away longer say nothing about the network of now. */
const RECENT_MS = 15 * 60_000;
const RECENT_INTERVALS = 6;

export interface Signs {
  now: number;
  own: OwnNetwork;
  /** Of the site. */
  hosts: readonly Host[];
  /** Whether nothing is heard of a host. */
  isAway?: (host: Host) => boolean;
}

/** How a site sees the appliance's own network: pure, but for what it remembers from one look to the next. */
export class Outage {
  #since: number | undefined;
  #lost: { reason: string; hostIds: ReadonlySet<string> } | undefined;
  #backAt: number | undefined;

  /** Goes on with an outage from before a restart: these hosts were away because of it. */
  restore(reason: string, hostIds: readonly string[]): void {
    this.#lost = { reason, hostIds: new Set(hostIds) };
  }

  get reason(): string | undefined {
    return this.#lost?.reason;
  }

  get backAt(): number | undefined {
    return this.#backAt;
  }

  /** It looks like an outage, but not for long enough. */
  get isSuspected(): boolean {
    return this.#since !== undefined && !this.#lost;
  }

  /** Looks again, about once a second; says whether something is another than before. */
  look({ now, own, hosts, isAway = isSilent }: Signs): boolean {
    const watched = hosts.filter((host) => !host.isAppliance && this.#counts(host, now));
    const reason = reasonOf(own, watched, isAway);
    if (reason === undefined) {
      this.#since = undefined;
      if (!this.#lost) return false;
      this.#lost = undefined;
      this.#backAt = now;
      return true;
    }
    this.#since ??= now;
    if (this.#lost || now - this.#since < SUSTAIN_MS) return false;
    this.#lost = { reason, hostIds: new Set(watched.map(({ id }) => id)) };
    return true;
  }

  /** Of an outage that is known, the hosts that it began with; before, those that reported lately. */
  #counts({ id, lastSeenAt, intervalMs }: Host, now: number): boolean {
    if (this.#lost) return this.#lost.hostIds.has(id);
    return lastSeenAt !== undefined && now - lastSeenAt < Math.max(RECENT_MS, RECENT_INTERVALS * intervalMs);
  }
}

function reasonOf(
  { links, gateway }: OwnNetwork,
  watched: readonly Host[],
  isAway: (host: Host) => boolean,
): string | undefined {
  const silent = watched.filter(isAway).length;
  if (links === 'down') return 'no network link of its machine is up';
  if (gateway === 'silent' && silent > 0 && silent >= HALF * watched.length)
    return `its default gateway does not answer, and ${silent} of ${watched.length} hosts are silent`;
  if (watched.length >= LEAST_HOSTS && silent >= NEARLY_ALL * watched.length)
    return `${silent} of ${watched.length} hosts fell silent together`;
  return undefined;
}
