import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { inNetwork, isReachable, urlHost } from '../../discovery/addresses.ts';
import { interfaceKey, isOn, type LanInterface, readInterfaces, usableInterfaces } from '../../discovery/interfaces.ts';

const v4 = (address: string, netmask = '255.255.255.0'): NetworkInterfaceInfo => ({
  address,
  netmask,
  family: 'IPv4',
  mac: '02:77:00:00:00:01',
  internal: address.startsWith('127.'),
  cidr: null,
});
const v6 = (address: string, scopeid = 0): NetworkInterfaceInfo => ({
  address,
  netmask: 'ffff:ffff:ffff:ffff::',
  family: 'IPv6',
  mac: '02:77:00:00:00:01',
  internal: address === '::1',
  scopeid,
  cidr: null,
});
const noIndex = () => 0;

describe('LAN interfaces', () => {
  it('are those that lead to other machines, with the addresses that others can use', () => {
    const listed = {
      lo: [v4('127.0.0.1', '255.0.0.0'), v6('::1')],
      eth0: [v4('10.0.0.2'), v4('10.0.1.2'), v6('fd77::2'), v6('fe80::1', 7)],
      wlan0: [v4('192.168.1.9')],
      docker0: [v4('172.17.0.1', '255.255.0.0')],
      'br-5e0f': [v4('172.18.0.1')],
      wg0: [v4('10.9.0.1')],
      eth1: [v6('fe80::2', 8)],
      eth2: undefined,
    };
    expect(usableInterfaces(listed, (name) => (name === 'wlan0' ? 3 : 0))).toEqual([
      {
        name: 'eth0',
        index: 7,
        address: '10.0.0.2',
        networks: [
          { address: '10.0.0.2', netmask: '255.255.255.0' },
          { address: '10.0.1.2', netmask: '255.255.255.0' },
        ],
        addresses: ['10.0.0.2', '10.0.1.2', 'fd77::2'],
      },
      {
        name: 'wlan0',
        index: 3,
        address: '192.168.1.9',
        networks: [{ address: '192.168.1.9', netmask: '255.255.255.0' }],
        addresses: ['192.168.1.9'],
      },
    ]);
  });

  it('a bridge that the owner made is one', () => {
    expect(usableInterfaces({ br0: [v4('10.0.0.2')] }, noIndex)).toHaveLength(1);
  });

  it('have another key when address, mask or the kernel’s number change, and the same when nothing did', () => {
    const [one] = usableInterfaces({ eth0: [v4('10.0.0.2')] }, () => 2);
    const others = [
      usableInterfaces({ eth0: [v4('10.0.0.3')] }, () => 2),
      usableInterfaces({ eth0: [v4('10.0.0.2', '255.255.0.0')] }, () => 2),
      usableInterfaces({ eth0: [v4('10.0.0.2')] }, () => 5),
      usableInterfaces({ eth1: [v4('10.0.0.2')] }, () => 2),
    ].map(([other]) => interfaceKey(other as LanInterface));
    expect(new Set([...others, interfaceKey(one as LanInterface)]).size).toBe(5);
    expect(interfaceKey(one as LanInterface)).toBe(interfaceKey({ ...(one as LanInterface), addresses: [] }));
  });

  it('tell which of them a packet came in on', () => {
    const [one] = usableInterfaces({ eth0: [v4('10.0.0.2'), v4('10.0.1.2')] }, noIndex);
    expect(['10.0.0.9', '10.0.1.9', '10.0.2.9', 'fd77::1', ''].map((from) => isOn(one as LanInterface, from))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('of this machine can be listed', () => {
    for (const lan of readInterfaces()) expect(lan.addresses).toContain(lan.address);
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.1', true],
    ['169.254.3.4', true],
    ['fd77::1', true],
    ['2001:db8::1', true],
    ['127.0.0.1', false],
    ['0.0.0.0', false],
    ['224.0.0.251', false],
    ['255.255.255.255', false],
    ['::1', false],
    ['::', false],
    ['::ffff:127.0.0.1', false],
    ['fe80::1', false],
    ['FE80::1', false],
    ['fd77::1%eth0', false],
    ['ff02::fb', false],
    ['localhost', false],
    ['10.0.0.1/path', false],
    ['', false],
  ])('%j can be another machine: %s', (address, expected) => {
    expect(isReachable(address)).toBe(expected);
  });

  it('are compared by network', () => {
    const own = { address: '192.168.255.1', netmask: '255.255.254.0' };
    expect(inNetwork('192.168.254.9', own)).toBe(true);
    expect(inNetwork('192.168.253.9', own)).toBe(false);
    expect(inNetwork('nonsense', own)).toBe(false);
  });

  it('stand in brackets in a URL when they have colons', () => {
    expect([urlHost('10.0.0.1'), urlHost('fd77::1')]).toEqual(['10.0.0.1', '[fd77::1]']);
  });
});
