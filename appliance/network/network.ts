// Over 250 lines because it is where sweeps, devices and facts meet, and each step between them is short.

import type { Host } from '../../protocol/hosts.ts';
import type { Device, DeviceDetail, OpenPort, PortsSeen, Subnet } from '../../protocol/network.ts';
import type { Hub } from '../hub.ts';
import type { JobContext } from '../jobs.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import { DAY_MS, MINUTE_MS } from '../spans.ts';
import type { DocumentStore } from '../store/documents.ts';
import { readCertificate } from './certificate.ts';
import { broadcastOf, parseCidr } from './cidr.ts';
import { Conflicts } from './conflicts.ts';
import { Devices } from './devices.ts';
import type { DeviceRecord, SubnetRecord } from './documents.ts';
import { factsOf, Teller } from './facts.ts';
import { hostMerges, nameMerges, ownPairs } from './identities.ts';
import { merge, split } from './merge.ts';
import { type askNames, withNames } from './naming.ts';
import { observe } from './observe.ts';
import type { OwnLink } from './own-links.ts';
import { lookAtPorts } from './ports.ts';
import { isAway, judgePresence } from './presence.ts';
import { asDetail, asDevice, asSubnet, type Beside, titleOf } from './shown.ts';
import { Subnets } from './subnets.ts';
import type { askIpv6 } from './sweep/ipv6.ts';
import type { SweepLink, Swept } from './sweep/result.ts';
import type { sweep } from './sweep/sweep.ts';
import { Sweeps } from './sweeps.ts';
import { wake } from './wake.ts';

export interface NetworkParts {
  documents: DocumentStore;
  hub: Hub;
  now: () => number;
  log: Logger;
  /** Whether the appliance may look at the LAN at all (REEVE_MDNS). */
  isOn: boolean;
  links: () => readonly OwnLink[];
  sweep: typeof sweep;
  askNames: typeof askNames;
  askIpv6: typeof askIpv6;
  vendorOf: (mac: string) => string | undefined;
  homeSite: () => string | undefined;
  /** Every host of every site, for judgements. */
  hosts: () => readonly Host[];
  startJob: (by: string) => Promise<unknown>;
}

/** An answer counts so long when nobody asked since. */
const FRESH_MS = { least: 60 * MINUTE_MS, intervals: 3, byHand: DAY_MS } as const;
/** Names do not change often. */
const NAMES_FOR_MS = DAY_MS;
const OWN_MERGE = 'Both are cards of this appliance';
const AGENT_MERGE = 'Its agent says that both cards are its own';

/** Who is on the LAN: subnets, sweeps, devices, and what is told of them. */
export class Network {
  readonly subnets: Subnets;
  readonly devices: Devices;
  readonly sweeps: Sweeps;
  readonly #parts: NetworkParts;
  readonly #conflicts = new Conflicts();
  readonly #teller: Teller;

  private constructor(parts: NetworkParts, subnets: Subnets, devices: Devices) {
    this.#parts = parts;
    this.subnets = subnets;
    this.devices = devices;
    this.#teller = new Teller(parts.hub, parts.now);
    this.sweeps = new Sweeps({
      subnets,
      now: parts.now,
      sweep: parts.sweep,
      start: parts.startJob,
      known: (subnet) => this.#known(subnet),
      take: (subnet, swept, startedAt) => this.#take(subnet, swept, startedAt),
      follow: (subnet, link, context) => this.#follow(subnet, link, context),
    });
  }

  static async open(parts: NetworkParts): Promise<Network> {
    const { documents, now, links, homeSite, hub } = parts;
    const subnets = await Subnets.open(documents, { now, links: () => (parts.isOn ? links() : []), homeSite });
    const network = new Network(parts, subnets, await Devices.open(documents));
    hub.on('site', ({ before, after }) => (before && !after ? network.#forgetSite(before.id) : undefined));
    hub.on('host', ({ before, after }) => network.#host(before, after));
    return network;
  }

  /** Fails where the appliance was told to keep off the LAN. */
  mustBeOn(): void {
    if (!this.#parts.isOn)
      throw new Problem('conflict', 'This appliance keeps off the LAN: it was started with REEVE_MDNS=off');
  }

  get isOn(): boolean {
    return this.#parts.isOn;
  }

  async subnetsOf(siteId: string): Promise<Subnet[]> {
    await this.subnets.look();
    return this.subnets.list(siteId).map((record) => this.show(record));
  }

  show(record: SubnetRecord): Subnet {
    const counts = { here: 0, unsure: 0, sleeping: 0, gone: 0 };
    for (const device of this.devices.list(record.siteId))
      if (device.subnetId === record.id) counts[this.#beside(device).judged.presence] += 1;
    const interfaceName = this.subnets.linkOf(record)?.name;
    return asSubnet(record, { interfaceName, counts, sweeping: this.sweeps.of(record.id) });
  }

  deviceOf(record: DeviceRecord): Device {
    return asDevice(record, this.#beside(record));
  }

  detailOf(record: DeviceRecord): DeviceDetail {
    return asDetail(record, { ...this.#beside(record), canWake: this.#wakeWay(record) !== undefined });
  }

  /** Forgets a device; what was told of it is right again. */
  async forget(siteId: string, id: string): Promise<void> {
    await this.devices.remove(siteId, id);
    this.#teller.forget(siteId, id);
  }

  async removeSubnet(siteId: string, id: string): Promise<void> {
    await this.subnets.remove(siteId, id);
    const gone = this.devices.list(siteId).filter(({ subnetId }) => subnetId === id);
    for (const device of gone) await this.forget(siteId, device.id);
  }

  /** Says that both are one. */
  async merge(siteId: string, id: string, otherId: string): Promise<DeviceRecord> {
    const [device, other] = [this.devices.read(siteId, id), this.devices.read(siteId, otherId)];
    if (id === otherId) throw new Problem('invalid-request', 'Name another device than this one');
    const isApart = (mac: string): boolean => !device.macs.includes(mac) && !other.macs.includes(mac);
    const both = merge(device, other, 'A person said so');
    return this.#mergeInto({ ...both, apart: both.apart.filter(isApart) }, other);
  }

  async #mergeInto(both: DeviceRecord, other: DeviceRecord): Promise<DeviceRecord> {
    const [written] = await this.devices.replace([both], [other.id]);
    this.#teller.forget(other.siteId, other.id);
    this.look();
    return written ?? both;
  }

  /** Takes apart what was merged. */
  async split(siteId: string, id: string, mergedId: string): Promise<DeviceRecord> {
    const parts = split(this.devices.read(siteId, id), mergedId);
    if (!parts) throw new Problem('not-found', 'This device was not merged with it');
    const [device] = await this.devices.replace([parts.device, parts.other], []);
    this.look();
    return device ?? parts.device;
  }

  /** Tries ports of a device, in the subnets of its site only, and keeps what was found. */
  async lookAtPorts(
    siteId: string,
    id: string,
    how: { ports: readonly number[]; signal: AbortSignal },
  ): Promise<PortsSeen> {
    this.mustBeOn();
    const ip = this.addressOf(this.devices.read(siteId, id));
    const ports = await lookAtPorts(ip, { ...how, now: this.#parts.now });
    await this.devices.change(siteId, id, { make: (before) => ({ ...before, ports }) });
    this.look();
    return ports;
  }

  /** Its newest address; fails where that is in no subnet of its site. */
  addressOf({ siteId, addresses }: DeviceRecord): string {
    const ip = addresses[0]?.ip;
    if (ip === undefined || !this.subnets.holding(siteId, ip))
      throw new Problem('conflict', 'It has no address in a subnet of this site: sweep first');
    return ip;
  }

  async wake(siteId: string, id: string): Promise<void> {
    const record = this.devices.read(siteId, id);
    this.mustBeOn();
    const way = this.#wakeWay(record);
    if (!way) throw new Problem('conflict', 'It has no MAC, or the appliance is not in a subnet with it');
    for (const { from, broadcast } of way.links) await wake(way.mac, { from, broadcast });
  }

  /** Judges every device and tells what is wrong; to be called after each change and about once a minute. */
  look(): void {
    const now = this.#parts.now();
    for (const record of this.devices.all()) {
      const { conflict, ...beside } = this.#beside(record);
      const device = asDevice(record, beside);
      const expiry = expiryOf(record);
      const taker = this.#takerOf(record);
      const open = {
        ...(conflict !== undefined && { conflict }),
        ...(taker !== undefined && { taker }),
        ...(expiry && { expiry }),
      };
      this.#teller.tell(record.siteId, factsOf({ device, isUntold: record.isUntold ?? false, ...open }, now));
    }
  }

  /** Reads the certificates anew that people want to be told of; once a day. */
  async lookAtCertificates(signal: AbortSignal): Promise<number> {
    let looked = 0;
    for (const record of this.devices.all()) {
      const ip = record.addresses[0]?.ip;
      const { ports } = record;
      if (!record.watchCertificates || !ports || ip === undefined || !this.subnets.holding(record.siteId, ip)) continue;
      const open: OpenPort[] = [];
      for (const each of ports.open) {
        signal.throwIfAborted();
        const certificate = each.certificate && this.#parts.isOn ? await readCertificate(ip, each.port) : undefined;
        if (each.certificate) looked += 1;
        open.push(certificate ? { ...each, certificate } : each);
      }
      await this.devices.change(record.siteId, record.id, {
        make: (before) => ({ ...before, ports: { ...ports, open } }),
      });
    }
    this.look();
    return looked;
  }

  close(): Promise<void> {
    return this.devices.save();
  }

  #beside(record: DeviceRecord): Beside {
    const { now, vendorOf } = this.#parts;
    const host = record.hostId === undefined ? undefined : this.#parts.hosts().find(({ id }) => id === record.hostId);
    const judged = judgePresence(record, {
      now: now(),
      freshMs: this.#freshMs(record),
      isHost: host?.status === 'online',
    });
    return { judged, vendorOf, hostName: host?.name, conflict: this.#conflictOf(record) };
  }

  #freshMs({ subnetId = '' }: DeviceRecord): number {
    const everyMinutes = this.subnets.get(subnetId)?.everyMinutes ?? 0;
    if (everyMinutes === 0) return FRESH_MS.byHand;
    return Math.max(FRESH_MS.least, FRESH_MS.intervals * everyMinutes * MINUTE_MS);
  }

  /** Title of the device that has its newest address too. */
  #conflictOf({ siteId, subnetId, addresses }: DeviceRecord): string | undefined {
    const [newest] = addresses;
    if (subnetId === undefined || newest?.mac === undefined) return undefined;
    const [other] = this.#conflicts.others(subnetId, newest.ip, newest.mac);
    return other === undefined ? undefined : this.#titleOfCard(siteId, other);
  }

  #takerOf({ id, siteId, fixedAddress, macs }: DeviceRecord): string | undefined {
    if (fixedAddress === undefined) return undefined;
    const holders = this.devices
      .list(siteId)
      .filter(({ addresses, misses }) => addresses[0]?.ip === fixedAddress && misses === 0)
      .sort((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0));
    const [holder] = holders;
    if (!holder || holder.id === id || holder.macs.some((mac) => macs.includes(mac))) return undefined;
    return this.#title(holder);
  }

  #title(record: DeviceRecord): string {
    const { vendorOf } = this.#parts;
    const [mac] = record.macs;
    return `${titleOf(record, { vendorOf })}${mac ? ` (${mac})` : ''}`;
  }

  #titleOfCard(siteId: string, mac: string): string {
    const found = this.devices.list(siteId).find(({ macs }) => macs.includes(mac));
    return found ? this.#title(found) : mac;
  }

  #wakeWay(record: DeviceRecord): { mac: string; links: { from: string; broadcast: string }[] } | undefined {
    const [mac] = record.macs;
    if (mac === undefined || !this.#parts.isOn) return undefined;
    const subnets = this.subnets
      .list(record.siteId)
      .filter(({ id }) => record.subnetId === undefined || id === record.subnetId);
    const links = subnets.flatMap((subnet) => {
      const link = this.subnets.linkOf(subnet);
      const range = parseCidr(link?.cidr ?? '');
      return link && range ? [{ from: link.address, broadcast: broadcastOf(range) }] : [];
    });
    return links.length > 0 ? { mac, links } : undefined;
  }

  #known(subnet: SubnetRecord): ReadonlySet<string> {
    const now = this.#parts.now();
    const there = this.devices
      .list(subnet.siteId)
      .filter((device) => device.subnetId === subnet.id && !isAway(device, now));
    const own = this.subnets.linkOf(subnet)?.address;
    const isNow = (device: DeviceRecord, at: number): boolean => (device.lastSeenAt ?? 0) - at < MINUTE_MS;
    const ips = there.flatMap((each) => each.addresses.flatMap(({ ip, lastAt }) => (isNow(each, lastAt) ? ip : [])));
    return new Set(ips.filter((ip) => ip !== own));
  }

  async #take(subnet: SubnetRecord, swept: Swept, startedAt: number): Promise<void> {
    const now = this.#parts.now();
    this.#conflicts.take(subnet.id, swept, now);
    const room = this.devices.room(subnet.siteId);
    const work = (devices: DeviceRecord[]) => observe(devices, { subnet, swept, startedAt, now, room });
    await this.devices.observe(work, subnet.siteId);
    await this.#identify(subnet.siteId);
    this.look();
  }

  /** New devices are asked for their names, and all of them once a day. */
  async #follow(
    subnet: SubnetRecord,
    link: SweepLink | undefined,
    { signal, progress, log }: JobContext,
  ): Promise<void> {
    const now = this.#parts.now();
    const asked = this.devices
      .list(subnet.siteId)
      .filter((each) => each.subnetId === subnet.id && each.misses === 0 && now - (each.namedAt ?? 0) >= NAMES_FOR_MS);
    if (asked.length === 0) return;
    progress({
      done: 0,
      of: asked.length,
      text: `Asking ${asked.length === 1 ? '1 device' : `${asked.length} devices`} of ${subnet.cidr} for names`,
    });
    const byIp = new Map(asked.flatMap((each) => (each.addresses[0] ? [[each.addresses[0].ip, each] as const] : [])));
    const found = await this.#parts.askNames([...byIp.keys()], { link, signal, log });
    for (const [ip, { id }] of byIp) {
      if (signal.aborted || !this.devices.list(subnet.siteId).some((each) => each.id === id)) continue;
      await this.devices.change(subnet.siteId, id, { make: (before) => withNames(before, found.get(ip), now) });
    }
    // One way of asking that fails, or is cut short, takes nothing of the sweep back.
    const byCard = link && (await this.#parts.askIpv6(link, { signal }).catch(() => undefined));
    if (byCard) await this.#takeIpv6(subnet.siteId, byCard);
    await this.#identify(subnet.siteId);
    this.look();
  }

  async #takeIpv6(siteId: string, byCard: ReadonlyMap<string, string[]>): Promise<void> {
    for (const { id, macs, ipv6 = [] } of this.devices.list(siteId)) {
      const found = macs.flatMap((mac) => byCard.get(mac) ?? []).sort();
      if (found.length === 0 || JSON.stringify(found) === JSON.stringify(ipv6)) continue;
      await this.devices.change(siteId, id, { make: (before) => ({ ...before, ipv6: found }) });
    }
  }

  /** Cards of one host become one device, and a phone with a new random MAC the one that it was. */
  async #identify(siteId: string): Promise<void> {
    const hosts = this.#parts.hosts().filter((host) => host.siteId === siteId);
    for (const { id, hostId } of hostMerges.links(this.devices.list(siteId), hosts))
      await this.devices.change(siteId, id, { make: (before) => ({ ...before, hostId, standing: trustedAs(before) }) });
    const own = this.#parts.links().map(({ mac }) => mac);
    // Whoever runs the appliance knows it.
    for (const { id, standing, macs } of this.devices.list(siteId))
      if (standing === 'new' && macs.some((mac) => own.includes(mac)))
        await this.devices.change(siteId, id, { make: (before) => ({ ...before, standing: 'trusted' }) });
    for (const pair of ownPairs(this.devices.list(siteId), own)) await this.#mergePair(siteId, pair, OWN_MERGE);
    for (const pair of hostMerges.pairs(this.devices.list(siteId))) await this.#mergePair(siteId, pair, AGENT_MERGE);
    for (const pair of nameMerges(this.devices.list(siteId)))
      await this.#mergePair(siteId, pair, 'The same name, and both have random MACs');
  }

  async #mergePair(siteId: string, [keep, other]: readonly [string, string], why: string): Promise<void> {
    const all = this.devices.list(siteId);
    const [a, b] = [all.find(({ id }) => id === keep), all.find(({ id }) => id === other)];
    if (!a || !b) return;
    this.#parts.log.info({ device: keep, other, why }, 'two devices are one');
    await this.#mergeInto(merge(a, b, why), b);
  }

  async #host(before: Host | undefined, after: Host | undefined): Promise<void> {
    if (before && !after) {
      for (const { id, hostId } of this.devices.list(before.siteId))
        if (hostId === before.id)
          await this.devices.change(before.siteId, id, { make: ({ hostId: _, ...rest }) => rest });
    } else if (after && JSON.stringify(before?.facts?.macs) !== JSON.stringify(after.facts?.macs)) {
      await this.#identify(after.siteId);
      this.look();
    }
  }

  async #forgetSite(siteId: string): Promise<void> {
    this.sweeps.cancel(siteId);
    await this.subnets.forgetSite(siteId);
    await this.devices.removeAll((record) => record.siteId === siteId);
  }
}

/** A machine whose agent was let in is known; who ignored it meant that. */
const trustedAs = ({ standing }: DeviceRecord): DeviceRecord['standing'] => (standing === 'new' ? 'trusted' : standing);

/** The certificate that ends first, where people want to be told. */
function expiryOf({ watchCertificates, ports }: DeviceRecord) {
  if (!watchCertificates) return undefined;
  const all = (ports?.open ?? []).flatMap(({ port, certificate }) => (certificate ? [{ port, ...certificate }] : []));
  return all.sort((a, b) => a.notAfter - b.notAfter)[0];
}
