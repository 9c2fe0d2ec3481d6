import { expect, test } from 'vitest';
import { idOf, SITE, TellingWorld } from '../../helpers/telling-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A site whose rule for silence waits only for so long. */
async function impatient(hosts: number, afterMs: number): Promise<TellingWorld> {
  const world = await TellingWorld.open(hosts);
  const condition = { id: 'absent', settings: { afterMs } };
  await world.run.alerts.rules.edit({ siteId: SITE, userName: 'ann' }, 'host-offline', {
    rev: 0,
    fields: { condition },
  });
  await world.pass(2 * MINUTE);
  return world;
}

const silence = (world: TellingWorld, ids: readonly string[]): void => {
  for (const id of ids) world.mute.add(id);
};
const idsTo = (count: number): string[] => Array.from({ length: count }, (_, n) => idOf(n));

test('a rule faster than the look at the gateway tells of the own network only', async () => {
  const world = await impatient(6, 10 * SECOND);
  world.own = { links: 'up', gateway: 'silent' };
  const ids = idsTo(4);
  silence(world, ids);
  await world.pass(13 * SECOND);
  world.change(ids, { status: 'stale' });
  await world.pass(5 * MINUTE);
  expect(world.titles()).toEqual([
    'firing: Reeve’s own network is away: its default gateway does not answer, and 4 of 6 hosts are silent',
  ]);
});

test('a rule faster than the status of hosts that report each minute tells of the own network only', async () => {
  const world = await impatient(5, 2 * MINUTE);
  world.hosts = world.hosts.map((host) => ({ ...host, intervalMs: MINUTE }));
  const ids = idsTo(5);
  silence(world, ids);
  await world.pass(150 * SECOND);
  world.change(ids, { status: 'stale' });
  await world.pass(5 * MINUTE);
  expect(world.titles()).toEqual(['firing: Reeve’s own network is away: 5 of 5 hosts fell silent together']);
});

test('an incident that is being told already does not take them along before it is known', async () => {
  const world = await impatient(6, 10 * SECOND);
  world.own = { links: 'up', gateway: 'silent' };
  const ids = idsTo(4);
  silence(world, ids);
  world.fact('drift', true);
  await world.pass(13 * SECOND);
  world.change(ids, { status: 'stale' });
  await world.pass(5 * MINUTE);
  expect(world.titles().filter((title) => title.includes('ffline'))).toEqual([]);
  expect(world.arrived).toHaveLength(2);
});

test('of one machine alone people are told as soon as the gateway has answered twice', async () => {
  const world = await impatient(6, 10 * SECOND);
  world.own = { links: 'up', gateway: 'answers' };
  silence(world, [idOf(2)]);
  const from = world.now;
  await world.pass(13 * SECOND);
  world.change([idOf(2)], { status: 'offline' });
  await world.pass(2 * MINUTE);
  expect(world.titles()).toEqual(['firing: host-2: Offline']);
  expect((world.arrived[0]?.at ?? 0) - from).toBeLessThanOrEqual(25 * SECOND);
});

test('a gateway that cannot be read keeps nobody from being told for long', async () => {
  const world = await impatient(6, 10 * SECOND);
  Object.defineProperty(world, 'own', {
    get: () => {
      throw new Error('cannot be read');
    },
  });
  silence(world, [idOf(2)]);
  await world.pass(MINUTE);
  expect(world.titles()).toEqual(['firing: host-2: Offline']);
});

test('a host is not told before what it depends on had to report again', async () => {
  const world = await impatient(6, 10 * SECOND);
  world.own = { links: 'up', gateway: 'answers' };
  world.change([idOf(0)], { intervalMs: 30 * SECOND });
  world.change([idOf(1)], { parentId: idOf(0) });
  silence(world, [idOf(0), idOf(1)]);
  await world.pass(13 * SECOND);
  world.change([idOf(1)], { status: 'stale' });
  await world.pass(62 * SECOND);
  world.change([idOf(0)], { status: 'stale' });
  await world.pass(2 * MINUTE);
  expect(world.titles()).toEqual(['firing: host-0: Offline']);
});

test('agents that come back within a minute of a restart make no message, whatever the rule', async () => {
  const world = await impatient(6, 10 * SECOND);
  const ids = idsTo(6);
  world.change(ids, { status: 'offline' });
  await world.start();
  await world.pass(40 * SECOND);
  world.change(ids.slice(1), { status: 'online' });
  await world.pass(3 * MINUTE);
  expect(world.titles()).toEqual(['firing: host-0: Offline']);
});
