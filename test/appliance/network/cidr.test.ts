import { expect, test } from 'vitest';
import {
  addressesOf,
  broadcastOf,
  cidrOf,
  cidrText,
  contains,
  countOf,
  isPrivate,
  overlap,
  parseCidr,
} from '../../../appliance/network/cidr.ts';

const cidr = (text: string) => {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`${text} is no network`);
  return parsed;
};

test('bits behind the prefix are taken away', () => expect(cidrText(cidr('192.168.1.77/24'))).toBe('192.168.1.0/24'));

test.each(['192.168.1.0', '1.2.3.4/33', '1.2.3.400/24', 'fe80::/64', '1.2.3.0/24/8', '/24', '1.2.3.0/a', ''])(
  '%j is no network',
  (text) => expect(parseCidr(text)).toBeUndefined(),
);

test('network and broadcast address belong to nobody, but in a /31 or /32', () => {
  expect(addressesOf(cidr('10.0.0.0/30'))).toEqual(['10.0.0.1', '10.0.0.2']);
  expect(addressesOf(cidr('10.0.0.0/31'))).toEqual(['10.0.0.0', '10.0.0.1']);
  expect(addressesOf(cidr('10.0.0.7/32'))).toEqual(['10.0.0.7']);
  expect(addressesOf(cidr('10.255.252.0/22'))).toHaveLength(1_022);
  expect(countOf(cidr('10.255.252.0/22'))).toBe(1_022);
  expect(broadcastOf(cidr('10.255.252.0/22'))).toBe('10.255.255.255');
});

test('an address above 128.0.0.0 is reckoned as any other', () => {
  expect(contains(cidr('192.168.1.0/24'), '192.168.1.255')).toBe(true);
  expect(contains(cidr('192.168.1.0/24'), '192.168.2.0')).toBe(false);
  expect(contains(cidr('192.168.1.0/24'), 'fe80::1')).toBe(false);
  expect(addressesOf(cidr('255.255.255.252/30'))).toEqual(['255.255.255.253', '255.255.255.254']);
});

test('the netmask of an interface is its prefix; one with a hole is none', () => {
  expect(cidrText(cidrOf('172.16.5.9', '255.255.240.0') ?? cidr('0.0.0.0/0'))).toBe('172.16.0.0/20');
  expect(cidrOf('172.16.5.9', '255.0.255.0')).toBeUndefined();
});

test('only whole private networks are private', () => {
  for (const text of ['10.1.0.0/16', '172.31.0.0/24', '192.168.0.0/16', '100.64.0.0/10', '169.254.7.0/24'])
    expect(isPrivate(cidr(text)), text).toBe(true);
  for (const text of ['172.32.0.0/24', '8.8.8.0/24', '192.0.0.0/8', '0.0.0.0/0', '100.63.0.0/16'])
    expect(isPrivate(cidr(text)), text).toBe(false);
});

test('two networks overlap when they share an address', () => {
  expect(overlap(cidr('10.0.0.0/24'), cidr('10.0.0.128/25'))).toBe(true);
  expect(overlap(cidr('10.0.1.0/24'), cidr('10.0.0.0/24'))).toBe(false);
});
