import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FactEvent, Hub } from '../../../appliance/hub.ts';
import type { JobContext } from '../../../appliance/jobs.ts';
import { openLog } from '../../../appliance/log.ts';
import { certificatesJob } from '../../../appliance/network/job.ts';
import { Network, type NetworkParts } from '../../../appliance/network/network.ts';
import type { OwnLink } from '../../../appliance/network/own-links.ts';
import type { Swept } from '../../../appliance/network/sweep/result.ts';
import type { Host } from '../../../protocol/hosts.ts';
import { testCa, testLeaf } from '../../helpers/certificates.ts';
import { type Held, memoryDocuments } from '../../helpers/memory-documents.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const CARD = 'b8:27:eb:00:00:01';
const OTHER = 'b8:27:eb:00:00:02';
const own: OwnLink = { name: 'eth0', address: '10.0.0.1', mac: '00:1a:2b:00:00:01', cidr: '10.0.0.0/24' };
const log = openLog({ level: 'silent', isTerminal: false });

/** An appliance's network with a LAN that the test makes up: `there` are the addresses and cards that answer. */
async function world({
  isOn = true,
  held = new Map() as Held,
  links = [own],
}: {
  isOn?: boolean;
  held?: Held;
  links?: OwnLink[];
} = {}) {
  const heard: FactEvent[] = [];
  const hub = new Hub((_, error) => {
    throw error;
  });
  hub.on('fact', (fact) => void heard.push(fact));
  const lan = {
    now: Date.UTC(2026, 0, 10),
    there: new Map<string, string>(),
    names: new Map<string, string>(),
    why: undefined as string | undefined,
    hosts: [] as Host[],
    asked: [] as string[],
    started: 0,
    during: undefined as ((signal: AbortSignal) => Promise<void>) | undefined,
  };
  const parts: NetworkParts = {
    ...{ documents: memoryDocuments(held), hub, now: () => lan.now, log, isOn, links: () => links },
    vendorOf: () => 'Raspberry Pi',
    homeSite: () => 'home',
    hosts: () => lan.hosts,
    startJob: async () => {
      lan.started += 1;
    },
    askNames: async (ips) => {
      lan.asked.push(...ips);
      return new Map(
        ips.flatMap((ip) => {
          const name = lan.names.get(ip);
          return name === undefined ? [] : [[ip, { names: { mdns: name }, services: ['_http._tcp'] }] as const];
        }),
      );
    },
    askIpv6: async () => new Map([[CARD, ['fe80::1', 'fd00::5']]]),
    sweep: async (target, link, { context }): Promise<Swept> => {
      context.progress(1, target.addresses.length, 'Asking');
      await lan.during?.(context.signal);
      context.signal.throwIfAborted();
      const of = target.addresses.length;
      const sightings = [...lan.there].map(([ip, mac]) => ({ ip, mac, at: lan.now }));
      const self = link ? [{ ip: link.address, mac: link.mac, at: lan.now }] : [];
      const why = lan.why === undefined ? {} : { why: lan.why };
      return { by: 'a test', asked: of, of, sightings: [...sightings, ...self], doubles: [], ...why };
    },
  };
  const network = await Network.open(parts);
  const context: JobContext = {
    signal: new AbortController().signal,
    progress: () => undefined,
    now: () => lan.now,
    log,
  };
  const sweep = (): Promise<string> => {
    lan.now += 15 * MINUTE;
    return network.sweeps.job().run(context);
  };
  const wrong = (kind: string): string[] => {
    const last = new Map(heard.filter((each) => each.kind === kind).map((each) => [each.key, each]));
    return [...last.values()].flatMap(({ state, text }) => (state === 'wrong' ? text : []));
  };
  const list = () => network.devices.list('home').map((each) => network.deviceOf(each));
  const find = (ip: string) => {
    const found = list().find(({ address }) => address === ip);
    if (!found) throw new Error(`nobody is at ${ip}`);
    return found;
  };
  return { network, lan, hub, sweep, wrong, list, find, context, heard };
}

describe('sweeps', () => {
  test('the subnet of the appliance comes by itself, and belongs to the first site', async () => {
    const { network } = await world();
    expect(await network.subnetsOf('home')).toMatchObject([
      { cidr: '10.0.0.0/24', origin: 'own', interface: 'eth0', addresses: 254 },
    ]);
    expect(await network.subnetsOf('other')).toEqual([]);
  });

  test('the first one tells of nobody, later ones of who is new; naming ends it', async () => {
    const { lan, sweep, wrong, find, network } = await world();
    lan.there.set('10.0.0.5', CARD);
    expect(await sweep()).toContain('2 found, all 254 addresses asked');
    expect(wrong('device')).toEqual([]);
    lan.there.set('10.0.0.6', OTHER);
    await sweep();
    expect(wrong('device')).toEqual([expect.stringContaining('at 10.0.0.6')]);
    await network.devices.change('home', find('10.0.0.6').id, { make: (each) => ({ ...each, standing: 'trusted' }) });
    network.look();
    expect(wrong('device')).toEqual([]);
  });

  test('ask new devices for their names, and the others once a day', async () => {
    const { lan, sweep, find, network } = await world();
    lan.there.set('10.0.0.5', CARD);
    lan.names.set('10.0.0.5', 'nas.local');
    await sweep();
    expect(find('10.0.0.5')).toMatchObject({
      title: 'nas',
      services: ['_http._tcp'],
      names: [{ source: 'mdns', name: 'nas.local' }],
    });
    expect(network.detailOf(network.devices.read('home', find('10.0.0.5').id)).ipv6).toEqual(['fd00::5', 'fe80::1']);
    lan.asked.length = 0;
    await sweep();
    expect(lan.asked).toEqual([]);
    lan.now += 24 * 60 * MINUTE;
    await sweep();
    expect(lan.asked).toContain('10.0.0.5');
  });

  test('that fail, are cut off or cancelled take nobody away; two complete ones do, where people want to know', async () => {
    const { lan, network, sweep, wrong, find } = await world();
    for (const n of [5, 6, 7]) lan.there.set(`10.0.0.${n}`, `b8:27:eb:00:00:0${n}`);
    await sweep();
    await network.devices.change('home', find('10.0.0.5').id, { make: (each) => ({ ...each, tellGone: true }) });
    lan.there.delete('10.0.0.5');
    lan.why = 'ENETUNREACH';
    await sweep();
    await sweep();
    expect(find('10.0.0.5').presence).toBe('here');
    lan.why = undefined;
    lan.during = async () => network.sweeps.cancel('home');
    expect(await sweep()).toContain('it was cancelled');
    lan.during = undefined;
    const rest = [...lan.there];
    lan.there.clear();
    expect(await sweep()).toContain('cut off');
    expect(find('10.0.0.5').presence).toBe('here');
    for (const [ip, mac] of rest) lan.there.set(ip, mac);
    await sweep();
    expect(find('10.0.0.5').presence).toBe('unsure');
    expect(wrong('device-gone')).toEqual([]);
    await sweep();
    expect(find('10.0.0.5').presence).toBe('gone');
    expect(wrong('device-gone')).toEqual([expect.stringContaining('10.0.0.5')]);
    lan.there.set('10.0.0.5', 'b8:27:eb:00:00:05');
    await sweep();
    expect(wrong('device-gone')).toEqual([]);
  });

  test('say how far they are, and wait for their turn', async () => {
    const { lan, network, sweep, context } = await world();
    const added = await network.subnets.add('home', '10.9.0.0/30', {});
    const seen: unknown[] = [];
    lan.during = async () => {
      seen.push(...(await network.subnetsOf('home')).map(({ state, progress }) => [state, progress?.done]));
    };
    await sweep();
    expect(seen.slice(0, 2)).toEqual([
      ['sweeping', 1],
      ['waiting', undefined],
    ]);
    await network.sweeps.ask([added], 'ada');
    expect(lan.started).toBe(1);
    expect(network.sweeps.of(added.id).state).toBe('waiting');
    await network.sweeps.tick();
    expect(lan.started).toBe(2);
    expect(await network.sweeps.job().run(context)).toMatch(/^10\.9\.0\.0\/30: /);
  });

  test('come as often as the subnet that wants it most often, and by hand where none wants it', async () => {
    const { network } = await world();
    const schedule = () => {
      const { schedule: asked } = network.sweeps.job();
      return typeof asked === 'function' ? asked() : asked;
    };
    const [subnet] = await network.subnetsOf('home');
    expect(schedule()).toEqual({ everyMs: 15 * MINUTE });
    await network.subnets.change('home', subnet?.id ?? '', { rev: 1, everyMinutes: 0 });
    expect(schedule()).toBe('by hand');
  });

  test('a stop of the appliance ends all that wait', async () => {
    const { lan, network, context } = await world();
    await network.subnetsOf('home');
    const abort = new AbortController();
    lan.during = async () => abort.abort(new Error('stopped'));
    await expect(network.sweeps.job().run({ ...context, signal: abort.signal })).resolves.toContain('cancelled');
    expect((await network.subnetsOf('home'))[0]?.last).toMatchObject({ isComplete: false });
  });
});

describe('what was seen', () => {
  test('outlives a restart, also what was not written at each sweep', async () => {
    const held: Held = new Map();
    const before = await world({ held });
    before.lan.there.set('10.0.0.5', CARD);
    await before.sweep();
    await before.sweep();
    const { lastSeenAt } = before.find('10.0.0.5');
    await before.network.close();
    const after = await world({ held });
    expect(after.find('10.0.0.5').lastSeenAt).toBe(lastSeenAt);
  });

  test('of a host is one device with its name, whose agent proves that it is here; without the host it is a device again', async () => {
    const { lan, sweep, hub, list } = await world();
    const facts = { macs: [CARD, OTHER] } as Host['facts'];
    const host = { id: 'h1', siteId: 'home', name: 'nas01', status: 'online', facts } as Host;
    lan.there.set('10.0.0.5', CARD).set('10.0.0.6', OTHER);
    await sweep();
    expect(list()).toHaveLength(3);
    lan.hosts = [host];
    hub.emit('host', { after: host });
    await expect.poll(() => list().length).toBe(2);
    const one = list().find(({ hostId }) => hostId === 'h1');
    expect(one).toMatchObject({ title: 'nas01', standing: 'trusted', presence: 'here' });
    lan.hosts = [];
    hub.emit('host', { before: host });
    await expect.poll(() => list().some(({ hostId }) => hostId !== undefined)).toBe(false);
  });

  test('two that a person made one are one, until they are taken apart', async () => {
    const { lan, sweep, network, list, find } = await world();
    lan.there.set('10.0.0.5', CARD).set('10.0.0.6', OTHER);
    await sweep();
    const [a, b] = [find('10.0.0.5').id, find('10.0.0.6').id];
    const one = await network.merge('home', a, b);
    expect(network.detailOf(one).merged).toMatchObject([{ id: b, macs: [OTHER] }]);
    await sweep();
    expect(list()).toHaveLength(2);
    await expect(network.split('home', a, a)).rejects.toThrow('not merged');
    await network.split('home', a, b);
    await sweep();
    expect(list()).toHaveLength(3);
    await expect(network.merge('home', a, a)).rejects.toThrow('another device');
  });

  test('goes with its site, and with a subnet that is removed', async () => {
    const { lan, sweep, network, hub, list } = await world();
    lan.there.set('10.0.0.5', CARD);
    await sweep();
    const [subnet] = await network.subnetsOf('home');
    await expect(network.removeSubnet('home', subnet?.id ?? '')).rejects.toThrow('switch its sweeps off');
    hub.emit('site', { before: { id: 'home', name: 'Home' } });
    await expect.poll(() => list()).toEqual([]);
  });

  test('a subnet that was added goes with its devices', async () => {
    const { lan, sweep, network, list } = await world({ links: [] });
    const { id } = await network.subnets.add('home', '10.9.0.0/24', { name: 'Cellar' });
    lan.there.set('10.9.0.5', CARD);
    await sweep();
    expect(list()).toHaveLength(1);
    await network.removeSubnet('home', id);
    expect(list()).toEqual([]);
  });

  test('an address that belongs to one and is at another is told, and right again when it is back', async () => {
    const { lan, sweep, network, wrong, find } = await world();
    lan.there.set('10.0.0.5', CARD);
    await sweep();
    const { id } = find('10.0.0.5');
    await network.devices.change('home', id, { make: (each) => ({ ...each, fixedAddress: '10.0.0.5' }) });
    lan.there.set('10.0.0.5', OTHER);
    await sweep();
    expect(wrong('address-taken')).toHaveLength(1);
    lan.there.set('10.0.0.5', CARD);
    await sweep();
    expect(wrong('address-taken')).toEqual([]);
    expect(wrong('address-conflict')).not.toEqual([]);
  });
});

test('the appliance itself is no stranger to be named', async () => {
  const { lan, sweep, find } = await world();
  lan.there.set('10.0.0.5', CARD);
  await sweep();
  expect(find(own.address).standing).toBe('trusted');
  expect(find('10.0.0.5').standing).toBe('new');
});

describe('subnets that an admin adds', () => {
  let network: Network;
  beforeEach(async () => {
    ({ network } = await world());
    await network.subnetsOf('home');
  });

  test.each([
    ['8.8.8.0/24', 'only private'],
    ['10.0.0.0/8', '4094'],
    ['10.0.0.128/25', 'watched already'],
    ['10.0.0.1/99', 'write a network'],
  ])('%s is refused: %s', async (cidr, why) => {
    await expect(network.subnets.add('other', cidr, {})).rejects.toThrow(why);
  });

  test('one that is too large cannot be switched on, and says so', async () => {
    const wide = await world({ links: [{ ...own, cidr: '10.0.0.0/16' }] });
    const [subnet] = await wide.network.subnetsOf('home');
    expect(subnet).toMatchObject({ isEnabled: false, trouble: expect.stringContaining('larger than a /20') });
    await expect(wide.network.subnets.change('home', subnet?.id ?? '', { rev: 1, isEnabled: true })).rejects.toThrow(
      '4094',
    );
    if (subnet)
      await expect(wide.network.sweeps.ask([wide.network.subnets.read('home', subnet.id)], 'ada')).rejects.toThrow(
        '4094',
      );
    expect(wide.lan.started).toBe(0);
    const part = await wide.network.subnets.add('home', '10.0.4.0/24', {});
    expect(wide.network.show(part).interface).toBe('eth0');
  });

  test('are of one site: another sees none of it', async () => {
    const { id } = await network.subnets.add('other', '10.9.0.0/24', {});
    expect(() => network.subnets.read('home', id)).toThrow('no such subnet');
    await expect(network.subnets.change('other', id, { rev: 7, tellNew: false })).rejects.toThrow('changed meanwhile');
  });
});

describe('an appliance that keeps off the LAN', () => {
  test('has no subnets by itself, and neither sweeps, looks nor wakes', async () => {
    const { network } = await world({ isOn: false });
    expect(await network.subnetsOf('home')).toEqual([]);
    expect(() => network.mustBeOn()).toThrow('REEVE_MDNS=off');
  });
});

describe('ports', () => {
  test('are looked at in subnets of the site only, and kept', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { network, lan, sweep, find, context } = await world({
      links: [{ ...own, cidr: '127.0.0.0/24', address: '127.0.0.9' }],
    });
    lan.there.set('127.0.0.1', CARD).set('10.7.7.7', OTHER);
    await sweep();
    const how = { ports: [port, 1], signal: context.signal };
    const { id } = find('127.0.0.1');
    expect(await network.lookAtPorts('home', id, how)).toMatchObject({ asked: 2, open: [{ port }] });
    expect(network.detailOf(network.devices.read('home', id)).ports?.open).toEqual([{ port }]);
    await expect(network.lookAtPorts('home', find('10.7.7.7').id, how)).rejects.toThrow('no address in a subnet');
    server.close();
  });

  test('with TLS show their certificate, which is read anew once a day: a new one ends the alert', async () => {
    const ca = await testCa();
    const soon = await testLeaf(ca, ['nas'], { notBefore: Date.now() - 13 * DAY, days: 15 });
    const server = createTlsServer(soon);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { network, lan, sweep, find, wrong, context } = await world({
      links: [{ ...own, cidr: '127.0.0.0/24', address: '127.0.0.9' }],
    });
    lan.now = Date.now();
    lan.there.set('127.0.0.1', CARD);
    await sweep();
    const { id } = find('127.0.0.1');
    const { open } = await network.lookAtPorts('home', id, { ports: [port], signal: context.signal });
    expect(open[0]?.certificate).toMatchObject({ subject: 'Reeve test', issuer: 'Reeve test CA' });
    await network.devices.change('home', id, { make: (each) => ({ ...each, watchCertificates: true }) });
    network.look();
    expect(wrong('certificate')).toEqual([expect.stringContaining('(Reeve test), expires on')]);
    server.setSecureContext(await testLeaf(ca, ['nas']));
    expect(await certificatesJob(network).run(context)).toBe('Looked at 1 certificate');
    expect(wrong('certificate')).toEqual([]);
    server.close();
  });

  test('certificates that end are told of once a day, where people want to know', async () => {
    const { network, lan, sweep, find, wrong, context } = await world();
    lan.there.set('10.0.0.5', CARD);
    await sweep();
    const certificate = { subject: 'nas', issuer: 'nas', notBefore: 1e12, notAfter: lan.now + 5 * 24 * 60 * MINUTE };
    const ports = { at: lan.now, asked: 1, open: [{ port: 443, certificate }] };
    await network.devices.change('home', find('10.0.0.5').id, { make: (each) => ({ ...each, ports }) });
    network.look();
    expect(wrong('certificate')).toEqual([]);
    await network.devices.change('home', find('10.0.0.5').id, {
      make: (each) => ({ ...each, watchCertificates: true }),
    });
    network.look();
    expect(wrong('certificate')).toEqual([expect.stringMatching(/port 443 \(nas\), expires on/)]);
    expect(certificatesJob(network).schedule).toEqual({ everyMs: 24 * 60 * MINUTE });
    expect(context.signal.aborted).toBe(false);
  });
});
