import { isReachable } from './addresses.ts';
import { type DnsRecord, readTxt } from './records.ts';
import { typeName } from './services.ts';

/** A service as the LAN describes it. Nothing in it is proven. */
export interface Seen {
  /** Full label of the instance, dots included. */
  instance: string;
  port: number;
  txt: Record<string, string>;
  /** Where it may be reached, likeliest first. */
  addresses: string[];
  /** When it was last heard of, on the clock that `observe` was given. */
  heardAt: number;
}

export interface PresenceChange {
  kind: 'up' | 'changed' | 'down';
  seen: Seen;
}

/** Where and when a packet was heard. */
export interface Heard {
  /** Address that the packet came from. */
  from: string;
  /** Name of the interface. */
  link: string;
  now: number;
}

interface Entry {
  instance: string;
  firstFrom: string;
  srv?: { port: number; target: string };
  txt?: Record<string, string>;
  /** What each interface has heard. */
  links: Map<string, { from: string; told: string[] }>;
  heardAt: number;
  endsAt: number;
  /** What was last reported; absent while the entry is incomplete. */
  reported?: Seen;
}

const LIMITS = { entries: 512, perSource: 32, addresses: 8, label: 63 } as const;
/** After a goodbye the owner has this long to answer: goodbyes are also sent by losers of a name conflict, and by liars. */
const GOODBYE_MS = 2_000;

/**
 * Who is there, by own lease: bonjour-service keeps a killed service for ever, or drops live ones. An entry ends when nothing
 * was heard of it for `leaseMs`. Pure: packets and time come in, changes go out. Memory is bounded.
 */
export class Presence {
  readonly #suffix: string;
  readonly #type: string;
  readonly #leaseMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor({ type, leaseMs }: { type: string; leaseMs: number }) {
    this.#type = typeName(type);
    this.#suffix = `.${this.#type}`;
    this.#leaseMs = leaseMs;
  }

  /** Takes in the records of one packet. */
  observe(records: readonly DnsRecord[], heard: Heard): PresenceChange[] {
    const touched = new Set<Entry>();
    for (const record of records) {
      const entry = this.#entryOf(record, heard);
      if (!entry) continue;
      if (record.ttl === 0) {
        entry.endsAt = Math.min(entry.endsAt, heard.now + GOODBYE_MS);
        continue;
      }
      touched.add(entry);
      if (record.type === 'SRV') entry.srv = record.data;
      if (record.type === 'TXT') entry.txt = readTxt(record.data) ?? entry.txt ?? {};
    }
    for (const entry of touched) this.#touch(entry, heard);
    return this.#locate(records, heard, touched).flatMap((entry) => report(entry) ?? []);
  }

  /** Ends the entries whose lease has run out. */
  expire(now: number): PresenceChange[] {
    const changes: PresenceChange[] = [];
    for (const [key, entry] of this.#entries) {
      if (entry.endsAt > now) continue;
      this.#entries.delete(key);
      if (entry.reported) changes.push({ kind: 'down', seen: entry.reported });
    }
    return changes;
  }

  /** Everything that is there. */
  list(): Seen[] {
    return [...this.#entries.values()].flatMap((entry) =>
      entry.reported ? { ...entry.reported, heardAt: entry.heardAt } : [],
    );
  }

  /** Full names of instances whose packet did not carry all records; they have to be asked for. */
  incomplete(): string[] {
    return [...this.#entries.values()].filter((entry) => !entry.reported).map((entry) => entry.instance + this.#suffix);
  }

  /** The entry that a record is about; made when a first PTR, SRV or TXT shows up. */
  #entryOf(record: DnsRecord, { from, now }: Heard): Entry | undefined {
    const instance = this.#instanceOf(record);
    if (instance === undefined) return undefined;
    const key = instance.toLowerCase();
    const known = this.#entries.get(key);
    if (known || record.ttl === 0 || !this.#hasRoom(from)) return known;
    const entry = { instance, firstFrom: from, links: new Map(), heardAt: now, endsAt: now + this.#leaseMs };
    this.#entries.set(key, entry);
    return entry;
  }

  #instanceOf(record: DnsRecord): string | undefined {
    const isListing = record.type === 'PTR' && record.name.toLowerCase() === this.#type;
    const name = isListing ? record.data : record.name;
    if (record.type === 'A' || record.type === 'AAAA' || !name.toLowerCase().endsWith(this.#suffix)) return undefined;
    const instance = name.slice(0, -this.#suffix.length);
    return instance === '' || instance.length > LIMITS.label ? undefined : instance;
  }

  #hasRoom(from: string): boolean {
    if (this.#entries.size >= LIMITS.entries) return false;
    let ofSource = 0;
    for (const entry of this.#entries.values()) if (entry.firstFrom === from) ofSource++;
    return ofSource < LIMITS.perSource;
  }

  #touch(entry: Entry, { from, link, now }: Heard): void {
    entry.heardAt = now;
    entry.endsAt = now + this.#leaseMs;
    entry.links.set(link, { from, told: entry.links.get(link)?.told ?? [] });
  }

  /** Puts the addresses of the packet to the entries on their host, also when the packet has nothing else. */
  #locate(records: readonly DnsRecord[], { link }: Heard, touched: Set<Entry>): Entry[] {
    const told = new Map<string, string[]>();
    for (const record of records) {
      if ((record.type !== 'A' && record.type !== 'AAAA') || record.ttl === 0 || !isReachable(record.data)) continue;
      const host = record.name.toLowerCase();
      told.set(host, [...(told.get(host) ?? []), record.data].slice(0, LIMITS.addresses));
    }
    if (told.size > 0) {
      for (const entry of this.#entries.values()) {
        const addresses = entry.srv && told.get(entry.srv.target);
        const known = entry.links.get(link);
        if (!addresses || !known) continue;
        known.told = addresses;
        touched.add(entry);
      }
    }
    return [...touched];
  }
}

/** The packet's own source is the best address when the service names it too, and the last resort otherwise. */
function addressesOf(entry: Entry): string[] {
  const ordered = [...entry.links.values()].flatMap(({ from, told }) => {
    const others = told
      .filter((address) => address !== from)
      .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
    if (told.includes(from)) return [from, ...others];
    return isReachable(from) ? [...others, from] : others;
  });
  return [...new Set(ordered)].slice(0, LIMITS.addresses);
}

function report(entry: Entry): PresenceChange | undefined {
  const { instance, srv, txt, reported, heardAt } = entry;
  if (!srv || !txt || srv.port < 1) return undefined;
  const seen: Seen = { instance, port: srv.port, txt, addresses: addressesOf(entry), heardAt };
  entry.reported = seen;
  if (!reported) return { kind: 'up', seen };
  return sameService(reported, seen) ? undefined : { kind: 'changed', seen };
}

const sameService = (one: Seen, other: Seen): boolean =>
  JSON.stringify([one.port, one.txt, one.addresses]) === JSON.stringify([other.port, other.txt, other.addresses]);
