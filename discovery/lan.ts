import { randomBytes } from 'node:crypto';
import { Browsing, type LanChange, type Search } from './browsing.ts';
import { interfaceKey, isOn, type LanInterface, readInterfaces } from './interfaces.ts';
import { Link, type LinkOptions } from './link.ts';
import type { DiscoveryLog } from './log.ts';
import { type Advert, type DnsRecord, goodbyeOf, instanceLabel, recordsOf } from './records.ts';
import type { LanService, TxtRecord } from './services.ts';

/** Spans in ms; tests shorten them. */
export interface LanTiming {
  /** Between two looks at the interfaces. */
  interfacesMs: number;
  /** Between two questions, once the quick ones at 0, 1 and 3 s are over. */
  queryMs: number;
  /** How long a silent service counts as there; three lost answers are forgiven. */
  leaseMs: number;
}
const TIMING: LanTiming = { interfacesMs: 2_000, queryMs: 20_000, leaseMs: 75_000 };
const TICK_MS = 500;
const RETRY_MS = { least: 2_000, most: 30_000 } as const;

export interface LanOptions {
  log: DiscoveryLog;
  /** Monotonic clock, ms. */
  now?: () => number;
  interfaces?: () => LanInterface[];
  timing?: Partial<LanTiming>;
  /** Opens the sockets; tests hand in their own. */
  open?: (lan: LanInterface, options: LinkOptions) => LanLink;
}

/** What is used of a `Link`. */
export type LanLink = Pick<Link, 'interface' | 'answerWith' | 'announce' | 'ask' | 'close'>;

export interface Advertising<T extends TxtRecord> {
  /** The full instance label that others see. */
  readonly instance: string;
  /** Replaces the TXT record and tells the LAN. */
  update(txt: T): void;
  /** Says goodbye. */
  stop(): Promise<void>;
}

interface Announced {
  advert: Advert;
  /** Moments of the further announcements that are due. */
  due: number[];
}

/**
 * Presence on the LAN over mDNS, on every LAN interface, whatever happens to them. For finding only: nothing that is heard is
 * proven, and nobody is alive because it is listed. Holds sockets and a timer only while something is advertised or browsed for.
 */
export class Lan {
  readonly #log: DiscoveryLog;
  readonly #now: () => number;
  readonly #interfaces: () => LanInterface[];
  readonly #timing: LanTiming;
  /** Ends every instance and host name of this process, so that no name is ever in conflict. */
  readonly #id = randomBytes(4).toString('hex');
  readonly #openLink: NonNullable<LanOptions['open']>;
  readonly #links = new Map<string, LanLink>();
  readonly #broken = new Map<string, { retryAt: number; delayMs: number }>();
  readonly #announced = new Set<Announced>();
  readonly #browsings = new Set<Search>();
  #timer: NodeJS.Timeout | undefined;
  #lookAt = 0;

  constructor(options: LanOptions) {
    const { log, now = () => performance.now(), interfaces = readInterfaces, timing = {} } = options;
    this.#log = log;
    this.#now = now;
    this.#interfaces = interfaces;
    this.#timing = { ...TIMING, ...timing };
    this.#openLink = options.open ?? ((lan, linkOptions) => new Link(lan, linkOptions));
  }

  /** Makes a service known until `stop`. `name` is a label: a random id is put behind it. Values of `txt` are cut at 255 bytes. */
  advertise<T extends TxtRecord>(what: {
    service: Pick<LanService<T>, 'type'>;
    name: string;
    port: number;
    txt: T;
  }): Advertising<T> {
    const { service, name, port, txt } = what;
    const instance = instanceLabel(name, this.#id);
    const host = `reeve-${this.#id}`;
    const announced: Announced = { advert: { type: service.type, instance, host, port, txt }, due: [] };
    this.#announced.add(announced);
    if (this.#timer) this.#changed(announced);
    else this.#wake();
    return {
      instance,
      update: (changed) => {
        announced.advert = { ...announced.advert, txt: changed };
        if (this.#announced.has(announced)) this.#changed(announced);
      },
      stop: () => this.#withdraw(announced),
    };
  }

  /** Looks for services of a kind until `stop`; `listener` hears of those that come, change and go, never of our own. */
  browse<T extends TxtRecord>(
    service: LanService<T>,
    listener: (change: LanChange<T>) => void = () => undefined,
  ): Browsing<T> {
    const browsing = new Browsing<T>({
      service,
      listener,
      log: this.#log,
      leaseMs: this.#timing.leaseMs,
      isOwn: (instance) => [...this.#announced].some(({ advert }) => advert.instance === instance),
      onRefresh: () => this.#ask(browsing),
      onStop: () => {
        this.#browsings.delete(browsing);
        void this.#rest();
      },
    });
    this.#browsings.add(browsing);
    if (this.#timer) browsing.refresh();
    else this.#wake();
    return browsing;
  }

  /** Says goodbye for everything, closes every socket; resolves within half a second. */
  async stop(): Promise<void> {
    const goodbyes = [...this.#announced].flatMap(({ advert }) => goodbyeOf(advert));
    this.#announced.clear();
    for (const browsing of this.#browsings) browsing.stop();
    await this.#rest(goodbyes);
  }

  /** Opens the sockets, which announces and asks for all that there is. */
  #wake(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
    this.#look();
  }

  async #rest(goodbyes: readonly DnsRecord[] = []): Promise<void> {
    if (this.#announced.size > 0 || this.#browsings.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const links = [...this.#links.values()];
    this.#links.clear();
    this.#broken.clear();
    await Promise.all(links.map((link) => link.close(goodbyes)));
  }

  #tick(): void {
    const now = this.#now();
    if (now >= this.#lookAt) this.#look();
    for (const announced of this.#announced) {
      if (!announced.due.some((at) => at <= now)) continue;
      announced.due = announced.due.filter((at) => at > now);
      for (const link of this.#links.values()) link.announce(recordsOf(announced.advert, link.interface.addresses));
    }
    for (const browsing of this.#browsings) {
      browsing.expire(now);
      if (browsing.isDue(now)) this.#ask(browsing);
    }
  }

  /** Compares the interfaces with the open links, closes what is gone and opens what is new. */
  #look(): void {
    const now = this.#now();
    this.#lookAt = now + this.#timing.interfacesMs;
    const present = this.#present();
    for (const [key, link] of this.#links) {
      const lan = present.get(key);
      if (lan?.addresses.join() !== link.interface.addresses.join()) this.#drop(key, link);
    }
    for (const key of this.#broken.keys()) if (!present.has(key)) this.#broken.delete(key);
    for (const [key, lan] of present) {
      const isWaiting = (this.#broken.get(key)?.retryAt ?? 0) > now;
      if (!this.#links.has(key) && !isWaiting) this.#open(key, lan);
    }
  }

  /** Some systems forbid to list interfaces; discovery is then simply off. */
  #present(): Map<string, LanInterface> {
    try {
      return new Map(this.#interfaces().map((lan) => [interfaceKey(lan), lan]));
    } catch (error) {
      this.#log.debug({ error: String(error) }, 'the network interfaces cannot be listed');
      return new Map();
    }
  }

  #open(key: string, lan: LanInterface): void {
    const link = this.#openLink(lan, {
      log: this.#log,
      onRecords: (records, from) => this.#heard(lan, records, from),
      onBroken: (error) => this.#broke(key, lan, error),
    });
    this.#links.set(key, link);
    this.#log.debug({ interface: lan.name, address: lan.address }, `mDNS is on ${lan.name}`);
    link.answerWith(this.#records(lan));
    for (const announced of this.#announced) {
      link.announce(recordsOf(announced.advert, lan.addresses));
      announced.due.push(this.#now() + 1_000);
    }
    for (const browsing of this.#browsings) browsing.refresh();
  }

  #drop(key: string, link: LanLink): void {
    this.#links.delete(key);
    this.#log.debug({ interface: link.interface.name }, `mDNS has left ${link.interface.name}`);
    void link.close([]);
  }

  /** A port that somebody holds, a firewall: tried again, ever more slowly, and said once. */
  #broke(key: string, lan: LanInterface, error: Error): void {
    this.#links.delete(key);
    const known = this.#broken.get(key);
    const delayMs = Math.min(known ? known.delayMs * 2 : RETRY_MS.least, RETRY_MS.most);
    this.#broken.set(key, { retryAt: this.#now() + delayMs, delayMs });
    if (known) return;
    this.#log.warn({ interface: lan.name }, `mDNS cannot be used on ${lan.name}, and is tried again: ${error.message}`);
  }

  #heard(lan: LanInterface, records: DnsRecord[], from: string): void {
    // Every socket on the port hears all interfaces: a packet counts for the interface that its sender is on.
    if (!isOn(lan, from) && [...this.#links.values()].some((link) => isOn(link.interface, from))) return;
    const heard = { from, link: lan.name, now: this.#now() };
    for (const browsing of this.#browsings) browsing.observe(records, heard);
  }

  #records(lan: LanInterface): DnsRecord[] {
    return [...this.#announced].flatMap(({ advert }) => recordsOf(advert, lan.addresses));
  }

  #changed(announced: Announced): void {
    for (const link of this.#links.values()) {
      link.answerWith(this.#records(link.interface));
      link.announce(recordsOf(announced.advert, link.interface.addresses));
    }
    announced.due = [this.#now() + 1_000];
  }

  #ask(browsing: Search): void {
    const questions = browsing.questions(this.#now(), this.#timing.queryMs);
    for (const link of this.#links.values()) link.ask(questions);
  }

  async #withdraw(announced: Announced): Promise<void> {
    if (!this.#announced.delete(announced)) return;
    const goodbyes = goodbyeOf(announced.advert);
    for (const link of this.#links.values()) link.answerWith(this.#records(link.interface));
    if (this.#announced.size === 0 && this.#browsings.size === 0) return this.#rest(goodbyes);
    for (const link of this.#links.values()) link.announce(goodbyes);
  }
}
