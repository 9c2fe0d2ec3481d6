import { NETWORK_LIMITS, type SubnetChange, type SweepResult } from '../../protocol/network.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import { type Collection, ConflictError, type DocumentStore } from '../store/documents.ts';
import { cidrText, contains, countOf, isPrivate, overlap, parseCidr } from './cidr.ts';
import { type SubnetRecord, subnetRecords } from './documents.ts';
import type { OwnLink } from './own-links.ts';

export interface SubnetsParts {
  now: () => number;
  /** Subnets that the appliance is in now. */
  links: () => readonly OwnLink[];
  /** The site that they belong to; none before there is an owner. */
  homeSite: () => string | undefined;
}

const DEFAULTS = { isEnabled: true, everyMinutes: 15, packetsPerSecond: 1_000, tellNew: true, tellRandomised: false };

const wrong = (message: string): Problem => new Problem('invalid-request', message, [{ path: 'body.cidr', message }]);

/** The subnets that are watched: those the appliance is in, and those that an admin added (NET-3). */
export class Subnets {
  readonly #records: Collection<SubnetRecord>;
  readonly #parts: SubnetsParts;
  readonly #known = new Map<string, SubnetRecord>();

  private constructor(records: Collection<SubnetRecord>, parts: SubnetsParts) {
    this.#records = records;
    this.#parts = parts;
  }

  static async open(documents: DocumentStore, parts: SubnetsParts): Promise<Subnets> {
    const subnets = new Subnets(await documents.collection(subnetRecords), parts);
    for (const record of await subnets.#records.find()) subnets.#known.set(record.id, record);
    return subnets;
  }

  all(): SubnetRecord[] {
    return [...this.#known.values()];
  }

  list(siteId: string): SubnetRecord[] {
    return this.all()
      .filter((record) => record.siteId === siteId)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: string): SubnetRecord | undefined {
    return this.#known.get(id);
  }

  read(siteId: string, id: string): SubnetRecord {
    const record = this.#known.get(id);
    if (record?.siteId !== siteId) throw new Problem('not-found', 'There is no such subnet');
    return record;
  }

  /** The interface of the appliance that is in it now. */
  linkOf({ cidr }: SubnetRecord): OwnLink | undefined {
    const wanted = parseCidr(cidr);
    const links = this.#parts.links();
    const same = links.find((link) => link.cidr === cidr);
    if (same || !wanted) return same;
    return links.find((link) => contains(wanted, link.address) || lies(wanted, link.cidr));
  }

  /** The subnet of its site that an address is in. */
  holding(siteId: string, ip: string): SubnetRecord | undefined {
    return this.list(siteId).find(({ cidr }) => {
      const range = parseCidr(cidr);
      return range !== undefined && contains(range, ip);
    });
  }

  /** Takes in the subnets that the appliance has come into; to be called before sweeps and lists. */
  async look(): Promise<void> {
    const siteId = this.#parts.homeSite();
    if (siteId === undefined) return;
    for (const { cidr } of this.#parts.links()) {
      if (this.all().some((record) => record.cidr === cidr)) continue;
      const isEnabled = isSweepable(cidr) && this.all().length < NETWORK_LIMITS.subnets;
      await this.#insert({ siteId, cidr, origin: 'own', ...DEFAULTS, isEnabled });
    }
  }

  /** Fails with the field where it is no private network, too large, or watched already. */
  async add(siteId: string, text: string, fields: SubnetChange): Promise<SubnetRecord> {
    const cidr = parseCidr(text);
    if (!cidr) throw wrong('write a network, such as 192.168.1.0/24');
    if (!isPrivate(cidr)) throw wrong('only private networks are swept: 10.x, 172.16 to 172.31, 192.168.x, 100.64.x');
    if (!isSweepable(text)) throw wrong('this is more than 4094 addresses: add the part that you need, at most a /20');
    const taken = this.all().find((record) => overlaps(record.cidr, text));
    if (taken) throw wrong('this network, or a part of it, is watched already');
    if (this.list(siteId).length >= NETWORK_LIMITS.subnets)
      throw new Problem('conflict', `A site has at most ${NETWORK_LIMITS.subnets} subnets: remove one first`);
    const { isEnabled: _, ...rest } = DEFAULTS;
    return this.#insert({ siteId, cidr: cidrText(cidr), origin: 'added', ...rest, isEnabled: true, ...fields });
  }

  async change(siteId: string, id: string, { rev, ...fields }: SubnetChange & { rev: number }): Promise<SubnetRecord> {
    const before = this.read(siteId, id);
    if (fields.isEnabled === true && !isSweepable(before.cidr))
      throw new Problem('invalid-request', 'It has more than 4094 addresses: add a part of it instead, at most a /20', [
        { path: 'body.isEnabled', message: 'it is too large to be swept: add a part of it instead' },
      ]);
    try {
      return this.#keep(await this.#records.update({ ...before, ...fields }, { ifRev: rev }));
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new Problem('conflict', 'This subnet was changed meanwhile; load it again');
    }
  }

  /** Keeps what became of a sweep; a subnet that was removed meanwhile is left alone. */
  async swept(id: string, last: SweepResult): Promise<void> {
    const record = this.#known.get(id);
    if (record) this.#keep(await this.#records.update({ ...record, last }));
  }

  async remove(siteId: string, id: string): Promise<void> {
    const record = this.read(siteId, id);
    if (record.origin === 'own' && this.linkOf(record))
      throw new Problem('conflict', 'The appliance is in this subnet: switch its sweeps off instead');
    await this.#drop(id);
  }

  async forgetSite(siteId: string): Promise<void> {
    for (const { id } of this.list(siteId)) await this.#drop(id);
  }

  async #drop(id: string): Promise<void> {
    await this.#records.remove(id);
    this.#known.delete(id);
  }

  async #insert(fields: Omit<SubnetRecord, 'id' | 'rev'>): Promise<SubnetRecord> {
    return this.#keep(await this.#records.insert({ id: newId(this.#parts.now()), ...fields } as SubnetRecord));
  }

  #keep(record: SubnetRecord): SubnetRecord {
    this.#known.set(record.id, record);
    return record;
  }
}

/** Whether it is small enough to be swept as a whole. */
export const isSweepable = (text: string): boolean => {
  const cidr = parseCidr(text);
  return cidr !== undefined && countOf(cidr) <= NETWORK_LIMITS.addresses;
};

function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  // A network that is too large to be swept does not stand in the way of its parts.
  return a !== undefined && b !== undefined && isSweepable(one) && overlap(a, b);
}

/** Whether a network is a part of another one. */
function lies(inner: NonNullable<ReturnType<typeof parseCidr>>, outer: string): boolean {
  const range = parseCidr(outer);
  return range !== undefined && range.prefix <= inner.prefix && overlap(range, inner);
}
