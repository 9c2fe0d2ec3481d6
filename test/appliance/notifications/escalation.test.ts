import { describe, expect, test } from 'vitest';
import { RateCap } from '../../../appliance/notifications/rate-cap.ts';
import { idOf, SITE, TellingWorld } from '../../helpers/telling-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const route = (n: number, channel: string, afterMinutes: number) => ({
  ...{ id: idOf(800 + n), siteId: SITE, title: channel, isEnabled: true, severities: [], categories: [], tags: [] },
  ...{ tellsEnd: true, channelIds: [channel], afterMinutes },
});

async function withChef(): Promise<TellingWorld> {
  const world = await TellingWorld.open(1);
  world.channels = ['mail', 'chef'];
  await world.run.routes.insert(route(1, 'mail', 0));
  await world.run.routes.insert(route(2, 'chef', 15));
  return world;
}

const of = (world: TellingWorld, channel: string): string[] =>
  world.arrived.filter(({ channelId }) => channelId === channel).map(({ state }) => state);

describe('a route that waits for an answer', () => {
  test('is told when nobody has answered for so long, once, and hears of the end', async () => {
    const world = await withChef();
    world.fact('a', true);
    await world.pass(14 * MINUTE + 50 * SECOND, 10 * SECOND);
    expect([of(world, 'mail'), of(world, 'chef')]).toEqual([['firing'], []]);
    await world.pass(30 * MINUTE, 10 * SECOND);
    expect(of(world, 'chef')).toEqual(['firing']);
    expect(world.arrived[1]?.text).toContain('Nobody has answered for 15 min.');
    world.fact('a', false);
    await world.pass(MINUTE);
    expect([of(world, 'mail'), of(world, 'chef')]).toEqual([
      ['firing', 'resolved'],
      ['firing', 'resolved'],
    ]);
  });

  test('is told after a restart too, at its time', async () => {
    const world = await withChef();
    world.fact('a', true);
    await world.pass(10 * MINUTE, 10 * SECOND);
    await world.start();
    await world.pass(4 * MINUTE, 10 * SECOND);
    expect(of(world, 'chef')).toEqual([]);
    await world.pass(2 * MINUTE, 10 * SECOND);
    expect(of(world, 'chef')).toEqual(['firing']);
    await world.start();
    await world.pass(30 * MINUTE, 10 * SECOND);
    expect(of(world, 'chef')).toEqual(['firing']);
  });

  test.each(['acknowledged', 'resolved', 'snoozed'] as const)('is not told of one that was %s', async (how) => {
    const world = await withChef();
    world.fact('a', true);
    await world.pass(10 * MINUTE, 10 * SECOND);
    const { book } = world.run.alerts;
    if (how === 'resolved') world.fact('a', false);
    for (const record of book.all()) {
      if (how === 'acknowledged') book.put({ ...record, status: 'acknowledged' }, []);
      if (how === 'snoozed') book.put({ ...record, snoozedUntil: world.now + 60 * MINUTE }, []);
    }
    await world.pass(30 * MINUTE, 10 * SECOND);
    expect(of(world, 'chef')).toEqual([]);
  });

  test('counts from when somebody was told, not from when a silence kept it quiet', async () => {
    const world = await withChef();
    await world.run.quiet.silences.add({
      ...{ id: idOf(900), siteId: SITE, reason: 'rebuild', by: 'ann', createdAt: world.now },
      ...{ startsAt: world.now, endsAt: world.now + 20 * MINUTE },
      match: { hostIds: [], tags: [], ruleIds: [], severities: [] },
    });
    world.fact('a', true);
    await world.pass(30 * MINUTE, 10 * SECOND);
    expect([of(world, 'mail'), of(world, 'chef')]).toEqual([['firing'], []]);
    await world.pass(6 * MINUTE, 10 * SECOND);
    expect(of(world, 'chef')).toEqual(['firing']);
  });
});

describe('too many messages within an hour', () => {
  test('are told together when there is room again; none is lost, critical ones pass', async () => {
    const world = await TellingWorld.open(1);
    world.settings = { ...world.settings, mostAnHour: 3 };
    for (let n = 0; n < 8; n++) {
      world.fact(`f${n}`, true);
      await world.pass(2 * MINUTE, 10 * SECOND);
    }
    expect(world.arrived).toHaveLength(3);
    world.fact('worst', true, { severity: 'critical' });
    await world.pass(MINUTE, 10 * SECOND);
    expect(world.titles().at(-1)).toBe('firing: worst is wrong');
    await world.start();
    await world.pass(61 * MINUTE, 10 * SECOND);
    expect(world.arrived).toHaveLength(5);
    expect(world.arrived[4]?.title).toBe('5 messages');
    const covers = world.arrived.flatMap((each) => each.covers);
    expect(new Set(covers).size).toBe(9);
    expect(covers).toHaveLength(9);
  });

  test('of which one is over meanwhile are told in order', async () => {
    const world = await TellingWorld.open(1);
    world.settings = { ...world.settings, mostAnHour: 1 };
    world.fact('a', true);
    await world.pass(MINUTE, 10 * SECOND);
    world.fact('b', true);
    await world.pass(5 * MINUTE, 10 * SECOND);
    world.fact('b', false);
    await world.pass(70 * MINUTE, 10 * SECOND);
    expect(world.arrived.map(({ covers }) => covers.length)).toEqual([1, 2]);
  });

  test('count for an hour each', () => {
    const cap = new RateCap();
    for (const minute of [0, 10, 20]) cap.took('mail', minute * MINUTE);
    expect(cap.fullUntil('mail', 3, 30 * MINUTE)).toBe(60 * MINUTE);
    expect(cap.fullUntil('mail', 4, 30 * MINUTE)).toBeUndefined();
    expect(cap.fullUntil('other', 1, 30 * MINUTE)).toBeUndefined();
    expect(cap.fullUntil('mail', 3, 61 * MINUTE)).toBeUndefined();
  });
});
