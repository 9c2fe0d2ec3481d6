import { randomBytes } from 'node:crypto';
import { Browsing, type LanChange, type Search } from './browsing.ts';
import type { LanInterface } from './interfaces.ts';
import { type LanLink, Links, type LinksOptions } from './links.ts';
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
/** Timers nearer than this are one: each wake-up of a sleeping process costs more than the work that it does. */
const LEAST_SLEEP_MS = 100;

export interface LanOptions extends Pick<LinksOptions, 'log' | 'interfaces' | 'open'> {
  /** Monotonic clock, ms. */
  now?: () => number;
  timing?: Partial<LanTiming>;
}

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
  readonly #timing: LanTiming;
  /** Ends every instance and host name of this process, so that no name is ever in conflict. */
  readonly #id = randomBytes(4).toString('hex');
  readonly #links: Links;
  readonly #announced = new Set<Announced>();
  readonly #browsings = new Set<Search>();
  #isAwake = false;
  #timer: NodeJS.Timeout | undefined;
  #plannedAt = 0;
  #lookAt = 0;

  constructor({ log, now = () => performance.now(), timing = {}, ...rest }: LanOptions) {
    this.#log = log;
    this.#now = now;
    this.#timing = { ...TIMING, ...timing };
    this.#links = new Links({
      log,
      onOpen: (link) => this.#opened(link),
      onRecords: (records, from, link) => {
        for (const browsing of this.#browsings) browsing.observe(records, { from, link, now: now() });
        this.#plan();
      },
      ...rest,
    });
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
    if (this.#isAwake) this.#changed(announced);
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
    if (this.#isAwake) browsing.refresh();
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
    this.#isAwake = true;
    this.#look();
    this.#plan();
  }

  /** Sleeps until the next thing is due; to be called whenever that may have become sooner. */
  #plan(): void {
    if (!this.#isAwake) return;
    const moments = [this.#lookAt, ...[...this.#announced].flatMap(({ due }) => due)];
    for (const browsing of this.#browsings) moments.push(browsing.nextAt());
    const nextAt = Math.min(...moments);
    if (this.#timer && nextAt >= this.#plannedAt) return;
    clearTimeout(this.#timer);
    this.#plannedAt = nextAt;
    this.#timer = setTimeout(() => this.#tick(), Math.max(LEAST_SLEEP_MS, nextAt - this.#now()));
    this.#timer.unref();
  }

  async #rest(goodbyes: readonly DnsRecord[] = []): Promise<void> {
    if (this.#announced.size > 0 || this.#browsings.size > 0) return;
    this.#isAwake = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#links.close(goodbyes);
  }

  #tick(): void {
    this.#timer = undefined;
    const now = this.#now();
    if (now >= this.#lookAt) this.#look();
    for (const announced of this.#announced) {
      if (!announced.due.some((at) => at <= now)) continue;
      announced.due = announced.due.filter((at) => at > now);
      for (const link of this.#links.all()) link.announce(recordsOf(announced.advert, link.interface.addresses));
    }
    for (const browsing of this.#browsings) {
      browsing.expire(now);
      if (browsing.nextAt() <= now) this.#ask(browsing);
    }
    this.#plan();
  }

  #look(): void {
    this.#lookAt = this.#now() + this.#timing.interfacesMs;
    this.#links.look(this.#now());
  }

  #opened(link: LanLink): void {
    link.answerWith(this.#records(link.interface));
    for (const announced of this.#announced) {
      link.announce(recordsOf(announced.advert, link.interface.addresses));
      announced.due.push(this.#now() + 1_000);
    }
    for (const browsing of this.#browsings) browsing.refresh();
  }

  #records(lan: LanInterface): DnsRecord[] {
    return [...this.#announced].flatMap(({ advert }) => recordsOf(advert, lan.addresses));
  }

  #changed(announced: Announced): void {
    for (const link of this.#links.all()) {
      link.answerWith(this.#records(link.interface));
      link.announce(recordsOf(announced.advert, link.interface.addresses));
    }
    announced.due = [this.#now() + 1_000];
    this.#plan();
  }

  #ask(browsing: Search): void {
    const questions = browsing.questions(this.#now(), this.#timing.queryMs);
    for (const link of this.#links.all()) link.ask(questions);
    this.#plan();
  }

  async #withdraw(announced: Announced): Promise<void> {
    if (!this.#announced.delete(announced)) return;
    const goodbyes = goodbyeOf(announced.advert);
    for (const link of this.#links.all()) link.answerWith(this.#records(link.interface));
    if (this.#announced.size === 0 && this.#browsings.size === 0) return this.#rest(goodbyes);
    for (const link of this.#links.all()) link.announce(goodbyes);
  }
}
