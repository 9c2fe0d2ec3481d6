import { describe, expect, test } from 'vitest';
import { ChannelError } from '../../../appliance/notifications/channel.ts';
import { hostOf, idOf, SITE, START, TellingWorld } from '../../helpers/telling-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('alerts that open together', () => {
  test('are told as the first at once and the rest in one further message within half a minute', async () => {
    const world = await TellingWorld.open(1);
    world.fact('a', true);
    await world.settle();
    expect(world.titles()).toEqual(['firing: a is wrong']);
    await world.pass(5 * SECOND);
    world.fact('b', true);
    world.fact('c', true);
    await world.pass(24 * SECOND);
    expect(world.arrived).toHaveLength(1);
    await world.pass(2 * SECOND);
    expect(world.titles()).toEqual(['firing: a is wrong', 'firing: 2 alerts']);
    expect(world.arrived[1]?.text).toBe('b is wrong\nc is wrong');
    const [c, b, a] = await world.alerts();
    expect([b?.incidentId, c?.incidentId, a?.incidentId]).toEqual([a?.id, a?.id, a?.id]);
  });

  test('of which one ends before it was told are told both, in order, in the same message', async () => {
    const world = await TellingWorld.open(1);
    world.fact('a', true);
    await world.pass(2 * SECOND);
    world.fact('b', true);
    await world.pass(2 * SECOND);
    world.fact('b', false);
    await world.pass(MINUTE);
    expect(world.arrived[1]?.text).toBe('b is wrong\nb is wrong (resolved)');
    expect(world.arrived).toHaveLength(2);
  });

  test('500 hosts that go at once are one message, and so is their return', async () => {
    const world = await TellingWorld.open(501);
    await world.pass(2 * MINUTE, 5 * SECOND);
    const ids = world.hosts.slice(1).map(({ id }) => id);
    world.hosts = world.hosts.map((host) => ({ ...host, isAppliance: host.id === idOf(0) }));
    world.change(ids, { status: 'offline' });
    await world.pass(5 * MINUTE, 5 * SECOND);
    expect(world.titles()).toEqual(['firing: Reeve’s own network is away: 500 of 500 hosts fell silent together']);
    const away = (await world.alerts()).filter(({ held }) => held?.by === 'network');
    expect(away).toHaveLength(500);
    expect(away[0]?.transitions.find(({ kind }) => kind === 'fired')).toMatchObject({
      isTold: false,
      whyNot: 'Reeve’s own network is away: 500 of 500 hosts fell silent together',
    });
    world.change(ids, { status: 'online' });
    await world.pass(5 * MINUTE, 5 * SECOND);
    expect(world.arrived).toHaveLength(2);
    expect(world.arrived[1]?.state).toBe('resolved');
  }, 60_000);

  test('hosts that go while most others stay are one message after a moment, and their return another', async () => {
    const world = await TellingWorld.open(40);
    await world.pass(2 * MINUTE);
    const ids = world.hosts.slice(0, 12).map(({ id }) => id);
    world.change(ids.slice(0, 6), { status: 'offline' });
    await world.pass(4 * SECOND);
    world.change(ids.slice(6), { status: 'offline' });
    await world.pass(4 * MINUTE);
    expect(world.titles()).toEqual(['firing: 12 hosts are offline']);
    world.change(ids, { status: 'online' });
    await world.pass(MINUTE);
    expect(world.titles()[1]).toBe('resolved: 12 hosts report again');
    expect(world.arrived).toHaveLength(2);
  });

  test('a host that is back before anybody was told is not told, and says why', async () => {
    const world = await TellingWorld.open(10);
    await world.pass(2 * MINUTE);
    world.change([idOf(1)], { status: 'offline' });
    await world.pass(181 * SECOND);
    world.change([idOf(1)], { status: 'online' });
    await world.pass(2 * MINUTE);
    expect(world.arrived).toEqual([]);
    const [alert] = await world.alerts();
    expect(alert?.transitions.map(({ kind, whyNot }) => [kind, whyNot])).toContainEqual([
      'fired',
      'it was over before anybody was told',
    ]);
  });
});

describe('Reeve’s own network', () => {
  test('away: one alert; what is still wrong some time after it is back is told then, what is right is not', async () => {
    const world = await TellingWorld.open(5);
    await world.pass(2 * MINUTE);
    world.own = { links: 'down', gateway: 'unknown' };
    const ids = world.hosts.map(({ id }) => id);
    world.change(ids, { status: 'stale' });
    await world.pass(6 * MINUTE);
    expect(world.titles()).toEqual(['firing: Reeve’s own network is away: no network link of its machine is up']);
    world.own = { links: 'up', gateway: 'answers' };
    world.change(ids.slice(1), { status: 'online' });
    await world.pass(MINUTE);
    expect(world.arrived).toHaveLength(2);
    await world.pass(3 * MINUTE);
    expect(world.titles().slice(2)).toEqual(['firing: host-0: Offline']);
    expect(world.arrived[2]?.text).toContain('nobody was told before: Reeve’s own network was away');
  });

  test('away over a restart is still away, and nobody is told of its hosts', async () => {
    const world = await TellingWorld.open(4);
    await world.pass(2 * MINUTE);
    const ids = world.hosts.map(({ id }) => id);
    world.change(ids, { status: 'offline' });
    await world.pass(5 * MINUTE);
    expect(world.arrived).toHaveLength(1);
    await world.start();
    await world.pass(10 * MINUTE);
    expect(world.arrived).toHaveLength(1);
    world.change(ids, { status: 'online' });
    await world.pass(5 * MINUTE);
    expect(world.arrived).toHaveLength(2);
    expect(world.arrived[1]?.state).toBe('resolved');
  });
});

describe('a host that depends on another', () => {
  const family = async (): Promise<TellingWorld> => {
    const world = await TellingWorld.open(20);
    world.change([idOf(1), idOf(2)], { parentId: idOf(0) });
    await world.pass(2 * MINUTE);
    return world;
  };

  test('is held while that one cannot be reached, and its alert says so', async () => {
    const world = await family();
    world.change([idOf(0), idOf(1), idOf(2)], { status: 'offline' });
    await world.pass(5 * MINUTE);
    expect(world.titles()).toEqual(['firing: host-0: Offline']);
    const child = (await world.alerts()).find(({ hostId }) => hostId === idOf(1));
    expect(child?.held).toMatchObject({ by: 'parent', id: idOf(0) });
    expect(child?.held?.why).toBe('“host-0”, on which it depends, cannot be reached');
    world.change([idOf(0), idOf(1), idOf(2)], { status: 'online' });
    await world.pass(5 * MINUTE);
    expect(world.titles()).toEqual(['firing: host-0: Offline', 'resolved: host-0: Offline']);
  });

  test('is told when that one is back and it is not', async () => {
    const world = await family();
    world.change([idOf(0), idOf(1), idOf(2)], { status: 'offline' });
    await world.pass(5 * MINUTE);
    world.change([idOf(0), idOf(2)], { status: 'online' });
    await world.pass(MINUTE);
    expect(world.titles()).toHaveLength(2);
    await world.pass(2 * MINUTE);
    expect(world.titles().slice(2)).toEqual(['firing: host-1: Offline']);
    world.change([idOf(1)], { status: 'online' });
    await world.pass(MINUTE);
    expect(world.titles().slice(3)).toEqual(['resolved: host-1: Offline']);
  });

  test('that was told before is told to be back, whatever became of the other one', async () => {
    const world = await family();
    world.change([idOf(1)], { status: 'offline' });
    await world.pass(5 * MINUTE);
    world.change([idOf(0)], { status: 'offline' });
    await world.pass(MINUTE);
    world.change([idOf(1)], { status: 'online' });
    await world.pass(30 * SECOND);
    expect(world.titles()).toEqual(['firing: host-1: Offline', 'resolved: host-1: Offline']);
  });

  test('as was learnt is held alike, and a person’s choice goes before', async () => {
    const world = await TellingWorld.open(20);
    const learnt = { id: idOf(0), from: 'gateway', evidence: '192.0.2.1', at: START } as const;
    world.change([idOf(1), idOf(2)], { learntParent: learnt });
    world.change([idOf(2)], { parentId: idOf(5) });
    await world.pass(2 * MINUTE);
    world.change([idOf(0), idOf(1), idOf(2)], { status: 'offline' });
    await world.pass(5 * MINUTE);
    expect(world.titles()).toEqual(['firing: 2 hosts are offline']);
    const alerts = await world.alerts();
    expect(alerts.find(({ hostId }) => hostId === idOf(1))?.held).toMatchObject({ by: 'parent', id: idOf(0) });
    expect(alerts.find(({ hostId }) => hostId === idOf(2))?.held).toBeUndefined();
  });

  test('goes on being held over a restart', async () => {
    const world = await family();
    world.change([idOf(0), idOf(1)], { status: 'offline' });
    await world.pass(5 * MINUTE);
    await world.start();
    await world.pass(5 * MINUTE);
    expect(world.titles()).toEqual(['firing: host-0: Offline']);
  });
});

describe('what was asked to be quiet', () => {
  const silence = (world: TellingWorld, minutes: number) =>
    world.run.quiet.silences.add({
      ...{ id: idOf(900), siteId: SITE, reason: 'rebuild', by: 'ann', createdAt: world.now },
      ...{ startsAt: world.now, endsAt: world.now + minutes * MINUTE },
      match: { hostIds: [], tags: [], ruleIds: ['configuration-drift'], severities: [] },
    });

  test('is on record with the reason, and told when the silence ends and it is still so', async () => {
    const world = await TellingWorld.open(1);
    await silence(world, 10);
    world.fact('a', true);
    world.fact('gone', true);
    await world.pass(5 * MINUTE);
    world.fact('gone', false);
    await world.pass(4 * MINUTE);
    expect(world.arrived).toEqual([]);
    expect((await world.alerts()).find(({ title }) => title === 'a is wrong')?.held).toMatchObject({
      by: 'silence',
      why: 'silenced by ann until 12:10: rebuild',
      until: START + 10 * MINUTE,
    });
    await world.start();
    await world.pass(2 * MINUTE);
    expect(world.titles()).toEqual(['firing: a is wrong']);
    world.fact('a', false);
    await world.pass(MINUTE);
    expect(world.titles()[1]).toBe('resolved: a is wrong');
  });

  test('that was told before may end within it, and that is told', async () => {
    const world = await TellingWorld.open(1);
    world.fact('a', true);
    await world.pass(MINUTE);
    await silence(world, 10);
    world.fact('a', false);
    await world.pass(MINUTE);
    expect(world.titles()).toEqual(['firing: a is wrong', 'resolved: a is wrong']);
  });

  test('of one that somebody looks after by then stays untold', async () => {
    const world = await TellingWorld.open(1);
    await silence(world, 10);
    world.fact('a', true);
    await world.pass(MINUTE);
    const { book } = world.run.alerts;
    for (const record of book.all()) book.put({ ...record, status: 'acknowledged' }, []);
    await world.pass(15 * MINUTE);
    expect(world.arrived).toEqual([]);
    expect((await world.alerts())[0]?.transitions.at(-1)).toMatchObject({
      kind: 'released',
      isTold: false,
      whyNot: 'somebody looks after it',
    });
  });

  test('by maintenance of a tag is about hosts with it only', async () => {
    const world = await TellingWorld.open(3);
    world.change([idOf(1)], { tags: ['video'] });
    await world.run.quiet.windows.add({
      ...{ id: idOf(901), siteId: SITE, title: 'Updates', reason: 'monthly', by: 'ann', createdAt: START },
      match: { hostIds: [], tags: ['video'], ruleIds: [], severities: [] },
      schedule: { kind: 'once', startsAt: START, endsAt: START + 10 * MINUTE },
      ...{ timeZone: 'UTC', isEnabled: true },
    });
    world.fact('a', true, { hostId: idOf(1) });
    world.fact('b', true, { hostId: idOf(2) });
    await world.pass(MINUTE);
    expect(world.titles()).toEqual(['firing: host-2: b is wrong']);
    await world.pass(10 * MINUTE);
    expect(world.titles()[1]).toBe('firing: host-1: a is wrong');
  });
});

describe('a restart', () => {
  const updates = (world: TellingWorld) =>
    world.run.quiet.windows.add({
      ...{ id: idOf(902), siteId: SITE, title: 'Updates', reason: 'monthly', by: 'ann', createdAt: START },
      match: { hostIds: [], tags: [], ruleIds: [], severities: [] },
      schedule: { kind: 'once', startsAt: START, endsAt: START + 10 * MINUTE },
      ...{ timeZone: 'UTC', isEnabled: true },
    });

  test('within maintenance, and one that lasts until after it, tell nothing wrong and once what is still so', async () => {
    const world = await TellingWorld.open(1);
    await updates(world);
    world.fact('a', true);
    world.fact('over', true);
    await world.pass(4 * MINUTE);
    await world.start();
    await world.pass(MINUTE);
    expect(world.arrived).toEqual([]);
    world.fact('over', false);
    await world.settle();
    world.now = START + 12 * MINUTE;
    await world.start();
    await world.pass(2 * MINUTE);
    expect(world.titles()).toEqual(['firing: a is wrong']);
    expect(world.arrived[0]?.text).toContain('nobody was told before: maintenance “Updates”');
    await world.start();
    await world.pass(2 * MINUTE);
    expect(world.arrived).toHaveLength(1);
  });

  test('in the moment in which maintenance ends, before what is still so was sent, tells it once', async () => {
    const world = await TellingWorld.open(1);
    await updates(world);
    world.fact('a', true);
    await world.pass(10 * MINUTE - SECOND);
    world.now += 2 * SECOND;
    world.run.incidents.tick();
    await world.run.alerts.book.settled();
    await world.start();
    await world.pass(2 * MINUTE);
    expect(world.titles()).toEqual(['firing: a is wrong']);
  });

  test('within the window of an incident loses and doubles nothing', async () => {
    const world = await TellingWorld.open(1);
    world.fact('a', true);
    await world.pass(2 * SECOND);
    world.fact('b', true);
    world.fact('c', true);
    await world.settle();
    await world.start();
    await world.pass(2 * MINUTE);
    const covers = world.arrived.flatMap((each) => each.covers);
    expect(new Set(covers).size).toBe(3);
    expect(covers).toHaveLength(3);
  });

  test('while the far end is away loses and doubles nothing', async () => {
    const world = await TellingWorld.open(1);
    world.farEnd = () => {
      throw new ChannelError('away', { mayRetry: true });
    };
    world.fact('a', true);
    await world.pass(MINUTE);
    await world.start();
    world.fact('a', false);
    await world.pass(MINUTE);
    world.farEnd = () => undefined;
    await world.pass(10 * MINUTE);
    expect(world.titles()).toEqual(['firing: a is wrong', 'resolved: a is wrong']);
  });
});

test('an alert that no route leads anywhere says so', async () => {
  const world = await TellingWorld.open(1);
  world.channels = [];
  world.fact('a', true);
  await world.pass(MINUTE);
  expect((await world.alerts())[0]?.transitions.at(-1)?.whyNot).toBe('no route leads to a channel');
});

test('hosts that nobody knows, and parents in a circle, keep nothing quiet and hold nothing up', async () => {
  const world = await TellingWorld.open(4);
  await world.pass(2 * MINUTE);
  world.hosts = [
    hostOf(0, { parentId: idOf(1) }),
    hostOf(1, { parentId: idOf(0) }),
    hostOf(2, { parentId: idOf(77) }),
    hostOf(3, { parentId: idOf(3) }),
  ];
  for (const n of [2, 3]) world.change([idOf(n)], { status: 'offline' });
  await world.pass(5 * MINUTE);
  expect(world.titles()).toEqual(['firing: 2 hosts are offline']);
});
