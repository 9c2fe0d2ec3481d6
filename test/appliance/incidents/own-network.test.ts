import { describe, expect, test } from 'vitest';
import { Outage } from '../../../appliance/incidents/outage.ts';
import {
  gatewayOf,
  isNeighbour,
  linksOf,
  type NetworkFiles,
  readOwnNetwork,
} from '../../../appliance/incidents/own-network.ts';
import { hostOf, START } from '../../helpers/telling-world.ts';

const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
`;
const ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         00:11:22:33:44:55     *        eth0
192.168.1.9      0x1         0x0         00:00:00:00:00:00     *        eth0
`;

const files = (texts: Record<string, string>): NetworkFiles => ({
  interfaces: async () =>
    Object.keys(texts).flatMap((path) => /^\/sys\/class\/net\/([^/]+)\/operstate$/.exec(path)?.[1] ?? []),
  text: async (path) => texts[path],
});
const state = (name: string, text: string) => ({ [`/sys/class/net/${name}/operstate`]: `${text}\n` });

describe('what Linux says of the own network', () => {
  test('the default gateway is read from the table of routes, and whether it is a neighbour', () => {
    expect(gatewayOf(ROUTES)).toBe('192.168.1.1');
    expect(isNeighbour(ARP, '192.168.1.1')).toBe(true);
    expect(isNeighbour(ARP, '192.168.1.9')).toBe(false);
    expect(isNeighbour(ARP, '192.168.1.77')).toBeUndefined();
  });

  test.each(['', 'x', `${ROUTES.split('\n')[0]}\neth0\t00000000\tZZ\t0003`, '\u0000'.repeat(1_000)])(
    'tables that are cut off or broken say nothing: %j',
    (text) => {
      expect(gatewayOf(text)).toBeUndefined();
      expect(isNeighbour(text, '192.168.1.1')).toBeUndefined();
    },
  );

  test('links are down when no real one is up; bridges and tunnels do not count', async () => {
    expect(await linksOf(files({ ...state('lo', 'unknown'), ...state('docker0', 'up') }))).toBe('unknown');
    expect(await linksOf(files({ ...state('eth0', 'down'), ...state('docker0', 'up') }))).toBe('down');
    expect(await linksOf(files({ ...state('eth0', 'down'), ...state('wlan0', 'up') }))).toBe('up');
  });

  test('only the gateway is asked, and only its neighbour entry believed', async () => {
    const asked: string[] = [];
    const tables = { '/proc/net/route': ROUTES, ...state('eth0', 'up') };
    const ask = (gateway: string): void => void asked.push(gateway);
    const gone = ARP.replace('0x2', '0x0');
    expect(await readOwnNetwork(files({ ...tables, '/proc/net/arp': ARP }), ask)).toEqual({
      links: 'up',
      gateway: 'answers',
    });
    expect(await readOwnNetwork(files({ ...tables, '/proc/net/arp': gone }), ask)).toMatchObject({ gateway: 'silent' });
    expect(await readOwnNetwork(files({}), ask)).toEqual({ links: 'unknown', gateway: 'unknown' });
    expect(asked).toEqual(['192.168.1.1', '192.168.1.1']);
  });
});

describe('whether the own network is away', () => {
  const unknown = { links: 'unknown', gateway: 'unknown' } as const;
  const fleet = (silent: number, all: number) =>
    Array.from({ length: all }, (_, n) => hostOf(n, { status: n < silent ? 'offline' : 'online', lastSeenAt: START }));
  const lookFor = (outage: Outage, seconds: number, signs: { silent: number; all: number; own?: object }): void => {
    for (let s = 0; s <= seconds; s++)
      outage.look({ now: START + s * 1_000, own: { ...unknown, ...signs.own }, hosts: fleet(signs.silent, signs.all) });
  };

  test.each([
    ['two of two hosts', { silent: 2, all: 2 }, false],
    ['three of three hosts', { silent: 3, all: 3 }, true],
    ['eight of ten hosts', { silent: 8, all: 10 }, false],
    ['nine of ten hosts', { silent: 9, all: 10 }, true],
    ['a gateway that is silent, while hosts report', { silent: 0, all: 10, own: { gateway: 'silent' } }, false],
    ['a gateway that is silent, with half of the hosts', { silent: 5, all: 10, own: { gateway: 'silent' } }, true],
    ['no link', { silent: 0, all: 10, own: { links: 'down' } }, true],
  ])('%s', (_what, signs, isAway) => {
    const outage = new Outage();
    lookFor(outage, 20, signs);
    expect(outage.reason !== undefined).toBe(isAway);
  });

  test('a moment of silence is none', () => {
    const outage = new Outage();
    lookFor(outage, 10, { silent: 10, all: 10 });
    expect([outage.reason, outage.isSuspected]).toEqual([undefined, true]);
  });

  test('hosts that have been gone for long say nothing', () => {
    const outage = new Outage();
    const old = fleet(10, 10).map((host) => ({ ...host, lastSeenAt: START - 3_600_000 }));
    for (let s = 0; s < 60; s++) outage.look({ now: START + s * 1_000, own: unknown, hosts: old });
    expect(outage.reason).toBeUndefined();
  });
});
