import { describe, expect, test } from 'vitest';
import { Conflicts } from '../../../appliance/network/conflicts.ts';
import type { DeviceRecord, SubnetRecord } from '../../../appliance/network/documents.ts';
import { hostMerges, nameMerges, ownPairs } from '../../../appliance/network/identities.ts';
import { areApart, merge, split } from '../../../appliance/network/merge.ts';
import { newDevice, observe } from '../../../appliance/network/observe.ts';
import type { Sighting } from '../../../appliance/network/sweep/result.ts';
import { doubted } from '../../../appliance/network/sweeps.ts';
import type { Host } from '../../../protocol/hosts.ts';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 0, 10);
const last = { startedAt: 1, endedAt: 2, isComplete: true, asked: 254, of: 254, found: 1, by: 'neighbour table' };
const subnet: SubnetRecord = {
  ...{ id: 's1', siteId: 'home', rev: 1, cidr: '10.0.0.0/24', origin: 'own', isEnabled: true, everyMinutes: 15 },
  ...{ packetsPerSecond: 1_000, tellNew: true, tellRandomised: false, last },
};
const CARD = 'b8:27:eb:00:00:01';
const OTHER = 'b8:27:eb:00:00:02';
const RANDOM = '02:77:00:00:00:01';

/** A LAN over time: each sweep is taken in as the appliance does it. */
class Story {
  devices: DeviceRecord[] = [];
  now = start;

  sweep(seen: [ip: string, mac?: string][], { why, on = subnet }: { why?: string; on?: SubnetRecord } = {}): this {
    this.now += 15 * 60_000;
    const sightings: Sighting[] = seen.map(([ip, mac]) => ({ ip, at: this.now, ...(mac !== undefined && { mac }) }));
    const swept = { sightings, ...(why !== undefined && { why }) };
    const made = observe(this.devices, { subnet: on, swept, startedAt: this.now, now: this.now, room: 100 });
    const ids = new Set(made.map(({ id }) => id));
    this.devices = [...this.devices.filter(({ id }) => !ids.has(id)), ...made];
    return this;
  }

  get only(): DeviceRecord {
    const [device, ...rest] = this.devices;
    if (!device || rest.length > 0) throw new Error(`there are ${this.devices.length} devices`);
    return device;
  }
}

describe('a sweep', () => {
  test('makes a device of who was never seen, and knows it by its card when it has another address', () => {
    const story = new Story().sweep([['10.0.0.5', CARD]]).sweep([['10.0.0.9', CARD]]);
    expect(story.only).toMatchObject({ standing: 'new', macs: [CARD], misses: 0 });
    expect(story.only.addresses.map(({ ip }) => ip)).toEqual(['10.0.0.9', '10.0.0.5']);
    expect(story.only.spans).toHaveLength(1);
  });

  test('counts as missed only where every address was asked', () => {
    const story = new Story().sweep([['10.0.0.5', CARD]]);
    for (const why of ['it was cancelled', 'ENETUNREACH', '3 of 254 addresses could not be asked'])
      expect(story.sweep([], { why }).only.misses).toBe(0);
    expect(story.sweep([]).only.misses).toBe(1);
    expect(story.sweep([['10.0.0.5', CARD]]).only.misses).toBe(0);
  });

  test('that is not complete still sees who answered', () => {
    expect(new Story().sweep([['10.0.0.5', CARD]], { why: 'it was cancelled' }).devices).toHaveLength(1);
  });

  test('does not count on when a device is away: nothing new would be written', () => {
    const story = new Story()
      .sweep([['10.0.0.5', CARD]])
      .sweep([])
      .sweep([]);
    expect(story.only.misses).toBe(2);
    expect(story.sweep([]).sweep([]).only.misses).toBe(2);
  });

  test('begins another span for one that was away, and goes on with the old one otherwise', () => {
    const story = new Story().sweep([['10.0.0.5', CARD]]).sweep([]);
    expect(story.sweep([['10.0.0.5', CARD]]).only.spans).toHaveLength(1);
    expect(
      story
        .sweep([])
        .sweep([])
        .sweep([['10.0.0.5', CARD]]).only.spans,
    ).toHaveLength(2);
  });

  test('of another subnet takes nobody away', () => {
    const story = new Story().sweep([['10.0.0.5', CARD]]);
    expect(story.sweep([], { on: { ...subnet, id: 's2' } }).only.misses).toBe(0);
  });

  test('behind a router knows devices by their address', () => {
    const story = new Story().sweep([['10.0.0.5']]).sweep([['10.0.0.5'], ['10.0.0.6']]);
    expect(story.devices).toHaveLength(2);
  });

  test('makes no more devices than a site may have', () => {
    const swept = { sightings: [CARD, OTHER].map((mac, n) => ({ ip: `10.0.0.${n}`, mac, at: start })) };
    expect(observe([], { subnet, swept, startedAt: start, now: start, room: 1 })).toHaveLength(1);
  });
});

describe('nobody is told of', () => {
  const untold = (mac: string, on: SubnetRecord = subnet) =>
    new Story().sweep([['10.0.0.5', mac]], { on }).only.isUntold;

  test('a device of the first sweep of a subnet', () => {
    const { last: _, ...fresh } = subnet;
    expect(untold(CARD, fresh)).toBe(true);
    expect(untold(CARD)).toBeUndefined();
  });

  test('a random MAC, unless the subnet says so', () => {
    expect(untold(RANDOM)).toBe(true);
    expect(untold(RANDOM, { ...subnet, tellRandomised: true })).toBeUndefined();
  });

  test('any, where the subnet says so', () => expect(untold(CARD, { ...subnet, tellNew: false })).toBe(true));
});

test('where all are silent at once it is the appliance that is cut off: the sweep does not count', () => {
  const own = { ip: '10.0.0.1', at: start };
  const swept = { by: 'x', asked: 254, of: 254, sightings: [own], doubles: [] };
  expect(doubted(swept, { known: new Set(['10.0.0.5', '10.0.0.6']) }).why).toMatch(/cut off/);
  expect(doubted(swept, { known: new Set(['10.0.0.5']) }).why).toBeUndefined();
  const another = { ...swept, sightings: [own, { ip: '10.0.0.7', at: start }] };
  expect(doubted(another, { known: new Set(['10.0.0.5', '10.0.0.6']) }).why).toBeUndefined();
});

describe('two devices that are one', () => {
  const story = () =>
    new Story().sweep([
      ['10.0.0.5', CARD],
      ['10.0.0.6', OTHER],
    ]);
  const both = () => {
    const [a, b] = story().devices;
    if (!a || !b) throw new Error('two are needed');
    return { a: { ...a, name: 'nas' }, b };
  };

  test('have all that both had, and are two again when taken apart', () => {
    const { a, b } = both();
    const one = merge(a, b, 'because');
    expect(one).toMatchObject({ id: a.id, name: 'nas', macs: [CARD, OTHER], merged: [{ id: b.id, why: 'because' }] });
    expect(one.addresses).toHaveLength(2);
    const parts = split(one, b.id);
    expect(parts?.device).toMatchObject({ id: a.id, macs: [CARD], merged: [] });
    expect(parts?.other).toMatchObject({ id: b.id, macs: [OTHER], addresses: [{ ip: '10.0.0.6' }] });
    if (!parts) throw new Error('they were merged');
    expect(areApart(parts.device, parts.other)).toBe(true);
    expect(split(one, 'somebody')).toBeUndefined();
  });

  test('keep what was seen since with the card that it was seen by', () => {
    const { a, b } = both();
    const [one] = observe([merge(a, b, '')], {
      ...{ subnet, startedAt: start + HOUR, now: start + HOUR, room: 1 },
      swept: { sightings: [{ ip: '10.0.0.66', mac: OTHER, at: start + HOUR }] },
    });
    expect(one && split(one, b.id)?.other.addresses[0]?.ip).toBe('10.0.0.66');
  });

  test('are made one where their agent has both cards, but not after a person took them apart', () => {
    const { a, b } = both();
    const host = { id: 'h1', facts: { macs: [CARD, OTHER] } } as unknown as Host;
    const links = hostMerges.links([a, b], [host]);
    expect(links).toEqual([
      { id: a.id, hostId: 'h1' },
      { id: b.id, hostId: 'h1' },
    ]);
    const [x, y] = [
      { ...a, hostId: 'h1' },
      { ...b, hostId: 'h1' },
    ];
    expect(hostMerges.pairs([x, y])).toEqual([[a.id, b.id]]);
    const parts = split(merge(x, y, ''), b.id);
    if (!parts) throw new Error('they were merged');
    expect(hostMerges.pairs([parts.device, { ...parts.other, hostId: 'h1' }])).toEqual([]);
    expect(hostMerges.links([x, y], [host])).toEqual([]);
  });
});

test('the cards of the appliance itself are one device', () => {
  const { devices } = new Story().sweep([
    ['10.0.0.1', CARD],
    ['10.9.0.1', OTHER],
    ['10.0.0.7', RANDOM],
  ]);
  const idOf = (mac: string) => devices.find(({ macs }) => macs.includes(mac))?.id;
  const [pair] = ownPairs(devices, [CARD, OTHER]);
  expect([...(pair ?? [])].sort()).toEqual([idOf(CARD), idOf(OTHER)].sort());
  expect(ownPairs(devices, [])).toEqual([]);
});

describe('a phone that makes up another MAC', () => {
  const phone = (mac: string, name: string, seen: { first: number; last: number; misses: number }): DeviceRecord => ({
    ...newDevice('home', start),
    ...{ subnetId: 's1', macs: [mac], names: { mdns: name } },
    ...{ firstSeenAt: seen.first, lastSeenAt: seen.last, misses: seen.misses },
  });
  const old = phone(RANDOM, 'ada-phone.local', { first: 1, last: 10, misses: 1 });
  const young = phone('06:11:22:33:44:55', 'Ada-Phone.local', { first: 20, last: 20, misses: 0 });

  test('is the one of the same name that has just become silent', () =>
    expect(nameMerges([old, young])).toEqual([[old.id, young.id]]));

  test('is not one that still answers, has a common name, or a sold card', () => {
    expect(nameMerges([{ ...old, misses: 0 }, young])).toEqual([]);
    const common = { mdns: 'iPhone' };
    expect(
      nameMerges([
        { ...old, names: common },
        { ...young, names: common },
      ]),
    ).toEqual([]);
    expect(nameMerges([old, { ...young, macs: [CARD] }])).toEqual([]);
  });
});

describe('two cards with one address', () => {
  const at = (n: number) => start + n * 60_000;
  const one = (mac: string) => ({ sightings: [{ ip: '10.0.0.5', mac, at: 0 }], doubles: [] });

  test('are a conflict at once where both answered one sweep', () => {
    const conflicts = new Conflicts();
    conflicts.take('s1', { sightings: [], doubles: [{ ip: '10.0.0.5', macs: [CARD, OTHER] }] }, at(0));
    expect(conflicts.others('s1', '10.0.0.5', CARD)).toEqual([OTHER]);
    expect(conflicts.others('s2', '10.0.0.5', CARD)).toEqual([]);
  });

  test('are one when the address comes back to the first within an hour; a change alone is none', () => {
    const conflicts = new Conflicts();
    conflicts.take('s1', one(CARD), at(0));
    conflicts.take('s1', one(OTHER), at(15));
    expect(conflicts.others('s1', '10.0.0.5', OTHER)).toEqual([]);
    conflicts.take('s1', one(CARD), at(30));
    expect(conflicts.others('s1', '10.0.0.5', CARD)).toEqual([OTHER]);
    conflicts.take('s1', one(CARD), at(95));
    expect(conflicts.others('s1', '10.0.0.5', CARD)).toEqual([]);
  });
});
