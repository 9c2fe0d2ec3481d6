import { describe, expect, test } from 'vitest';
import { type FactEvent, Hub } from '../../../appliance/hub.ts';
import { certificateOf } from '../../../appliance/network/certificate.ts';
import { expiryDueAt, factsOf, type Judgeable, Teller } from '../../../appliance/network/facts.ts';
import { isCard, isRandom, softwareOf } from '../../../appliance/network/mac.ts';
import { magicPacket } from '../../../appliance/network/wake.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 0, 10);
const device: Judgeable['device'] = {
  ...{ id: 'd1', title: 'nas', standing: 'trusted', presence: 'here', address: '10.0.0.5', tellGone: false },
  macs: [{ mac: 'b8:27:eb:00:00:01', vendor: 'Raspberry Pi', isRandom: false }],
};
const wrong = (judgeable: Partial<Judgeable>): string[] =>
  factsOf({ device, isUntold: false, ...judgeable }, now).flatMap(({ kind, state }) => (state === 'wrong' ? kind : []));

describe('what is told of a device', () => {
  test('nothing, when nothing is wrong', () => expect(wrong({})).toEqual([]));

  test('that it is new, until somebody has said what it is; not of one that nobody is to be told of', () => {
    const fresh = { ...device, standing: 'new' as const };
    expect(wrong({ device: fresh })).toEqual(['device']);
    expect(wrong({ device: fresh, isUntold: true })).toEqual([]);
    expect(factsOf({ device: fresh, isUntold: false }, now)[0]?.text).toBe(
      'New device on the LAN: nas at 10.0.0.5 (b8:27:eb:00:00:01, Raspberry Pi)',
    );
  });

  test('that it is gone, only where people want to know; sleeping is not gone', () => {
    expect(wrong({ device: { ...device, presence: 'gone' } })).toEqual([]);
    expect(wrong({ device: { ...device, presence: 'gone', tellGone: true } })).toEqual(['device-gone']);
    expect(wrong({ device: { ...device, presence: 'sleeping', tellGone: true } })).toEqual([]);
  });

  test('that another device has its address, or one that belongs to it', () => {
    expect(wrong({ conflict: 'camera' })).toEqual(['address-conflict']);
    expect(wrong({ device: { ...device, fixedAddress: '10.0.0.5' }, taker: 'camera' })).toEqual(['address-taken']);
  });

  test('that its certificate ends in 14 days, or in the last fifth of a short life', () => {
    const expiry = { port: 443, subject: 'nas', notBefore: now - 300 * DAY, notAfter: now + 15 * DAY };
    expect(wrong({ expiry })).toEqual([]);
    expect(wrong({ expiry: { ...expiry, notAfter: now + 14 * DAY } })).toEqual(['certificate']);
    const short = { notBefore: now, notAfter: now + 10 * DAY };
    expect(expiryDueAt(short)).toBe(now + 8 * DAY);
    const [over] = factsOf({ device, isUntold: false, expiry: { ...expiry, notAfter: now - 1 } }, now).slice(-1);
    expect(over).toMatchObject({ state: 'wrong', severity: 'critical', text: expect.stringContaining('expired on') });
  });
});

describe('facts', () => {
  function told() {
    const hub = new Hub((_, error) => {
      throw error;
    });
    const heard: FactEvent[] = [];
    hub.on('fact', (fact) => void heard.push(fact));
    return { teller: new Teller(hub, () => now), heard };
  }

  test('are told when they change, and once after a start', () => {
    const { teller, heard } = told();
    const say = (standing: 'new' | 'trusted') =>
      teller.tell('home', factsOf({ device: { ...device, standing }, isUntold: false }, now));
    for (const standing of ['new', 'new', 'trusted', 'trusted'] as const) say(standing);
    expect(heard.filter(({ kind }) => kind === 'device').map(({ state }) => state)).toEqual(['wrong', 'ok']);
    expect(heard.filter(({ kind }) => kind === 'device-gone')).toHaveLength(1);
  });

  test('are right again when the device is forgotten', () => {
    const { teller, heard } = told();
    teller.tell('home', factsOf({ device: { ...device, standing: 'new' }, isUntold: false }, now));
    teller.forget('home', 'd1');
    expect(heard.at(-1)?.state).toBe('ok');
    expect(heard.filter(({ kind }) => kind === 'device').map(({ state }) => state)).toEqual(['wrong', 'ok']);
  });
});

test('a random MAC is one that nobody sold; a virtual machine is no phone', () => {
  expect(isRandom('02:77:00:00:00:01')).toBe(true);
  expect(isRandom('b8:27:eb:00:00:01')).toBe(false);
  expect(isRandom('52:54:00:12:34:56')).toBe(false);
  expect(softwareOf('52:54:00:12:34:56')).toMatch(/virtual/);
  expect(isCard('01:00:5e:00:00:fb')).toBe(false);
  expect(isCard('00:00:00:00:00:00')).toBe(false);
  expect(isCard('hello')).toBe(false);
});

test('the packet that wakes: six bytes of ones, and the MAC sixteen times', () => {
  const packet = magicPacket('b8:27:eb:00:00:01');
  expect(packet).toHaveLength(102);
  expect(packet.subarray(0, 12).toString('hex')).toBe('ffffffffffffb827eb000001');
  expect(packet.subarray(96).toString('hex')).toBe('b827eb000001');
});

test('a certificate with odd times or names is kept as none, or clean', () => {
  expect(certificateOf({})).toBeUndefined();
  expect(certificateOf({ valid_from: 'x', valid_to: 'y' })).toBeUndefined();
  const seen = certificateOf({
    ...{ valid_from: 'Jan 1 00:00:00 2026 GMT', valid_to: 'Jan 1 00:00:00 2027 GMT' },
    subject: { CN: `a\u0007${'b'.repeat(500)}` } as never,
  });
  expect(seen?.subject).toHaveLength(120);
  expect(seen).toMatchObject({ issuer: '', notBefore: Date.UTC(2026, 0, 1) });
});
