import type { DiscoveryLog } from './log.ts';
import type { Question } from './packets.ts';
import { type Heard, Presence, type PresenceChange, type Seen } from './presence.ts';
import { type DnsRecord, parseRecord } from './records.ts';
import { type LanService, type TxtRecord, typeName } from './services.ts';

/** A service that somebody advertises, its record checked. Still a claim: prove before you trust. */
export interface Sighting<T extends TxtRecord = TxtRecord> extends Omit<Seen, 'txt'> {
  record: T;
}

export interface LanChange<T extends TxtRecord = TxtRecord> {
  kind: PresenceChange['kind'];
  sighting: Sighting<T>;
}

export interface BrowsingOptions<T extends TxtRecord> {
  service: LanService<T>;
  listener: (change: LanChange<T>) => void;
  log: DiscoveryLog;
  leaseMs: number;
  isOwn: (instance: string) => boolean;
  onRefresh: () => void;
  onStop: () => void;
}

/** What `Lan` drives, whatever the kind of service. */
export interface Search {
  refresh(): void;
  stop(): void;
  /** Takes in a packet. */
  observe(records: readonly DnsRecord[], heard: Heard): void;
  /** Ends what was not heard of for too long. */
  expire(now: number): void;
  /** When to ask next. */
  nextAt(): number;
  /** What to ask now; plans the next time. */
  questions(now: number, queryMs: number): Question[];
}

/** Questions after the first one come quickly, because a new listener should know soon and packets get lost. */
const QUICK_MS = [1_000, 3_000] as const;
/** Questions that packets make us ask, goodbyes say, are at least this far apart. */
const EXTRA_MS = 1_000;

/** One search for services of a kind. */
export class Browsing<T extends TxtRecord = TxtRecord> implements Search {
  readonly #options: BrowsingOptions<T>;
  readonly #presence: Presence;
  readonly #listed = new Map<string, Sighting<T>>();
  #dueAt: number[] = [];
  #askedAt = 0;
  #isQuick = true;
  #isStopped = false;

  constructor(options: BrowsingOptions<T>) {
    this.#options = options;
    this.#presence = new Presence({ type: options.service.type, leaseMs: options.leaseMs });
  }

  /** Everything that is there now. `heardAt` is on the monotonic clock (`performance.now()`). */
  list(): Sighting<T>[] {
    const heardAt = new Map(this.#presence.list().map((seen) => [seen.instance, seen.heardAt]));
    return [...this.#listed.values()].map((one) => ({ ...one, heardAt: heardAt.get(one.instance) ?? one.heardAt }));
  }

  /** Asks the LAN at once, and again after 1 and 3 s. */
  refresh(): void {
    if (this.#isStopped) return;
    this.#isQuick = true;
    this.#options.onRefresh();
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#options.onStop();
  }

  observe(records: readonly DnsRecord[], heard: Heard): void {
    for (const change of this.#presence.observe(records, heard)) this.#pass(change);
    const type = typeName(this.#options.service.type);
    const isGoodbye = records.some((record) => record.ttl === 0 && record.name.toLowerCase() === type);
    if (!isGoodbye && this.#presence.incomplete().length === 0) return;
    const soon = Math.max(heard.now, this.#askedAt + EXTRA_MS);
    if (this.nextAt() > soon) this.#dueAt.push(soon);
  }

  expire(now: number): void {
    for (const change of this.#presence.expire(now)) this.#pass(change);
  }

  nextAt(): number {
    return Math.min(...this.#dueAt);
  }

  questions(now: number, queryMs: number): Question[] {
    this.#askedAt = now;
    const pending = this.#dueAt.filter((at) => at > now);
    if (this.#isQuick) this.#dueAt = QUICK_MS.map((afterMs) => now + afterMs);
    else this.#dueAt = pending.length > 0 ? pending : [now + queryMs];
    this.#isQuick = false;
    const all: Question = { name: typeName(this.#options.service.type), type: 'PTR' };
    // Dots inside a label cannot be put into a question by the codec; such instances answer the first question again.
    const missing = this.#presence.incomplete().filter((name) => name.split('.').length === 4);
    return [all, ...missing.slice(0, 8).map((name): Question => ({ name, type: 'ANY' }))];
  }

  #pass({ kind, seen }: PresenceChange): void {
    const { isOwn, service, log } = this.#options;
    if (this.#isStopped || isOwn(seen.instance)) return;
    const known = this.#listed.get(seen.instance);
    const record = kind === 'down' ? undefined : parseRecord(service, seen.txt);
    if (!record) {
      if (known) this.#tell('down', known);
      else if (kind !== 'down')
        log.debug({ type: service.type, from: seen.addresses[0] }, 'a service with an odd record is ignored');
      return;
    }
    const { txt: _, ...rest } = seen;
    this.#tell(known ? 'changed' : 'up', { ...rest, record });
  }

  #tell(kind: PresenceChange['kind'], sighting: Sighting<T>): void {
    if (kind === 'down') this.#listed.delete(sighting.instance);
    else this.#listed.set(sighting.instance, sighting);
    try {
      this.#options.listener({ kind, sighting });
    } catch (error) {
      this.#options.log.warn({ error: String(error) }, 'a listener of LAN discovery failed');
    }
  }
}
