import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Vendors, vendorsOf } from '../../../appliance/network/vendors.ts';
import { packVendors } from '../../../image/vendors.mjs';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const small = {
  B827EB: 'Raspberry Pi Foundation\nCambridge',
  '70B3D5': 'IEEE Registration Authority',
  '70B3D5012': 'Thirty-six GmbH\nSomewhere',
  '70B3D5F': 'Twenty-eight Ltd',
  FFFFFF: 'Last\u0007 one',
  nonsense: 'not a prefix',
};

test('the longest prefix counts: 36 bits before 28 before 24', () => {
  const vendors = new Vendors(packVendors(small));
  expect(vendors.of('b8:27:eb:01:02:03')).toBe('Raspberry Pi Foundation');
  expect(vendors.of('70:b3:d5:01:2f:ff')).toBe('Thirty-six GmbH');
  expect(vendors.of('70:b3:d5:f1:23:45')).toBe('Twenty-eight Ltd');
  expect(vendors.of('70:b3:d5:aa:00:00')).toBe('IEEE Registration Authority');
});

test('a random MAC has no vendor, nor has one that is in no table; software that makes up MACs is named', () => {
  const vendors = new Vendors(packVendors(small));
  expect(vendors.of('02:77:00:00:00:01')).toBeUndefined();
  expect(vendors.of('00:00:00:00:00:01')).toBeUndefined();
  expect(vendors.of('zz')).toBeUndefined();
  expect(vendors.of('52:54:00:00:00:01')).toMatch(/QEMU/);
});

test('the whole registry is about a megabyte, and its names are what the registry says', () => {
  const registry = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('oui-data'), 'utf8'));
  const bytes = packVendors(registry);
  expect(bytes.length).toBeLessThan(1_500_000);
  const vendors = new Vendors(bytes);
  const keys = Object.keys(registry).filter(
    (key) => key.length === 6 && (Number.parseInt(key.slice(0, 2), 16) & 2) === 0,
  );
  expect(keys.length).toBeGreaterThan(30_000);
  for (const key of keys.filter((_, n) => n % 500 === 0)) {
    const mac = `${(key.match(/../g) ?? []).join(':').toLowerCase()}:ff:ff:ff`;
    const longer = Object.keys(registry).some((each) => each.length > 6 && `${key}FFFFFF`.startsWith(each));
    if (!longer) expect(vendors.of(mac), key).toBe(registry[key].split('\n')[0].trim().slice(0, 60));
  }
  expect(vendors.of('d8:3a:dd:00:00:01')).toMatch(/Raspberry/);
});

test('without the file vendors are unknown, and that is said once', () => {
  const missing: unknown[] = [];
  const of = vendorsOf('/nonexistent/vendors.bin', (error) => void missing.push(error));
  expect([of('b8:27:eb:00:00:01'), of('52:54:00:00:00:01')]).toEqual([undefined, expect.stringMatching(/QEMU/)]);
  expect(missing).toHaveLength(1);
});

test('a file that is no table is as if there were none', () => {
  const file = join(temporaryDirectory(), 'vendors.bin');
  writeFileSync(file, 'hello');
  const missing: unknown[] = [];
  expect(vendorsOf(file, (error) => void missing.push(error))('b8:27:eb:00:00:01')).toBeUndefined();
  expect(missing).toHaveLength(1);
  writeFileSync(file, packVendors(small));
  expect(vendorsOf(file, () => undefined)('b8:27:eb:00:00:01')).toBe('Raspberry Pi Foundation');
});
