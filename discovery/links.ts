import { interfaceKey, isOn, type LanInterface, readInterfaces } from './interfaces.ts';
import { Link, type LinkOptions } from './link.ts';
import type { DiscoveryLog } from './log.ts';
import type { DnsRecord } from './records.ts';

/** What is used of a `Link`. */
export type LanLink = Pick<Link, 'interface' | 'answerWith' | 'announce' | 'ask' | 'close'>;

export interface LinksOptions {
  log: DiscoveryLog;
  /** The LAN interfaces now. */
  interfaces?: () => LanInterface[];
  /** Opens a socket; tests hand in their own. */
  open?: (lan: LanInterface, options: LinkOptions) => LanLink;
  /** A link was opened: tell it what to answer, announce, and ask. */
  onOpen: (link: LanLink) => void;
  /** Records came in, once for each interface that they may have come from. */
  onRecords: (records: DnsRecord[], from: string, interfaceName: string) => void;
}

const RETRY_MS = { least: 2_000, most: 30_000 } as const;

/** One link for each LAN interface, kept true by `look`: opened, closed and made anew as interfaces come, go and change. */
export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<string, LanLink>();
  readonly #broken = new Map<string, { retryAt: number; delayMs: number }>();
  #now = 0;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  all(): LanLink[] {
    return [...this.#links.values()];
  }

  /** Compares the interfaces with the open links, closes what is gone and opens what is new. */
  look(now: number): void {
    this.#now = now;
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

  /** Says goodbye on every link and closes it. */
  async close(goodbyes: readonly DnsRecord[]): Promise<void> {
    const links = this.all();
    this.#links.clear();
    this.#broken.clear();
    await Promise.all(links.map((link) => link.close(goodbyes)));
  }

  /** Some systems forbid to list interfaces; discovery is then simply off. */
  #present(): Map<string, LanInterface> {
    try {
      return new Map((this.#options.interfaces ?? readInterfaces)().map((lan) => [interfaceKey(lan), lan]));
    } catch (error) {
      this.#options.log.debug({ error: String(error) }, 'the network interfaces cannot be listed');
      return new Map();
    }
  }

  #open(key: string, lan: LanInterface): void {
    const { log, onOpen, open = (of, options) => new Link(of, options) } = this.#options;
    const link = open(lan, {
      log,
      onRecords: (records, from) => this.#heard(lan, records, from),
      onBroken: (error) => this.#broke(key, lan, error),
    });
    this.#links.set(key, link);
    log.debug({ interface: lan.name, address: lan.address }, `mDNS is on ${lan.name}`);
    onOpen(link);
  }

  #drop(key: string, link: LanLink): void {
    this.#links.delete(key);
    this.#options.log.debug({ interface: link.interface.name }, `mDNS has left ${link.interface.name}`);
    void link.close([]);
  }

  /** A port that somebody holds, a firewall: tried again, ever more slowly, and said once. */
  #broke(key: string, lan: LanInterface, error: Error): void {
    this.#links.delete(key);
    const known = this.#broken.get(key);
    const delayMs = Math.min(known ? known.delayMs * 2 : RETRY_MS.least, RETRY_MS.most);
    this.#broken.set(key, { retryAt: this.#now + delayMs, delayMs });
    if (known) return;
    const text = `mDNS cannot be used on ${lan.name}, and is tried again: ${error.message}`;
    this.#options.log.warn({ interface: lan.name }, text);
  }

  /** Every socket on the port hears all interfaces: a packet counts for the interface that its sender is on. */
  #heard(lan: LanInterface, records: DnsRecord[], from: string): void {
    const isForAnother = !isOn(lan, from) && this.all().some((link) => isOn(link.interface, from));
    if (!isForAnother) this.#options.onRecords(records, from, lan.name);
  }
}
