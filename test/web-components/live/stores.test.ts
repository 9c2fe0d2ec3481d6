import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Host } from '../../../protocol/hosts.ts';
import type { Descriptor } from '../../../protocol/metrics.ts';
import { Connection } from '../../../web-components/live/connection.ts';
import { Descriptors } from '../../../web-components/live/descriptors.ts';
import { FleetStore } from '../../../web-components/live/fleet.ts';
import { HostStore, RENEW_MS } from '../../../web-components/live/host.ts';
import { FakeSocket, ok, refused } from './fake-socket.ts';

const described = (id: string, card: 'cpu' | 'memory' | 'disk' | 'network-in' | 'network-out'): Descriptor => ({
  id,
  title: id,
  unit: '1',
  kind: 'gauge',
  rollup: 'average',
  attributes: [],
  chart: { group: id, order: 1, style: 'line', card },
});

const host = (id: string, name: string): Host => ({
  id,
  name,
  siteId: 's',
  rev: 1,
  kind: 'agent',
  isAppliance: false,
  tags: [],
  intervalMs: 5_000,
  status: 'online',
  statusReason: '',
  notes: [],
  createdAt: 1,
});

const frame = (hostId: string, at: number, values: (number | null)[], late = false) => ({
  hostId,
  at,
  grade: 'durable',
  late,
  values,
});

let socket: FakeSocket;
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers({ now: 50_000 });
  socket = new FakeSocket();
  connection = new Connection(socket.asSocket, Date.now);
});
afterEach(() => vi.useRealTimers());

describe('the fleet', () => {
  const list = [described('cpu', 'cpu'), described('disk', 'disk'), described('in', 'network-in')];
  let loads = 0;
  const state = () => ({
    at: 100_000,
    hosts: [host('b', 'nas10'), host('a', 'nas2')],
    series: {
      a: [
        { id: 1, metric: 'cpu', attributes: {} },
        { id: 2, metric: 'disk', attributes: { 'system.filesystem.mountpoint': '/' } },
        { id: 3, metric: 'disk', attributes: { 'system.filesystem.mountpoint': '/srv' } },
        { id: 4, metric: 'in', attributes: { name: 'eth0' } },
        { id: 5, metric: 'in', attributes: { name: 'eth1' } },
      ],
    },
    frames: [frame('a', 90_000, [1, 0.1, 2, 0.5, 3, 0.9, 4, 10, 5, 20])],
  });

  async function fleet(): Promise<FleetStore> {
    loads = 0;
    const descriptors = new Descriptors(connection, async () => {
      loads += 1;
      return list;
    });
    const store = new FleetStore(connection, descriptors, Date.now);
    socket.answers.set('fleet', () => ok(state()));
    socket.open();
    await vi.waitUntil(() => store.isLoaded);
    return store;
  }

  test('is asked for once a link and sorted as people count', async () => {
    const store = await fleet();
    expect(store.hosts.map(({ name }) => name)).toEqual(['nas2', 'nas10']);
    expect(socket.askedFor('fleet')).toHaveLength(1);
    socket.disconnect();
    socket.open();
    expect(socket.askedFor('fleet')).toHaveLength(2);
    expect(loads).toBe(2);
  });

  test('sums interfaces, and puts the fullest file system first', async () => {
    expect((await fleet()).card('a')).toEqual({
      at: 90_000,
      cpu: 0.1,
      disks: [
        { label: '/srv', used: 0.9 },
        { label: '/', used: 0.5 },
      ],
      networkIn: 30,
    });
  });

  test('shows now, never what came late', async () => {
    const store = await fleet();
    socket.say('card', frame('a', 95_000, [1, 0.2]));
    socket.say('card', frame('a', 96_000, [1, 0.9], true));
    socket.say('card', frame('a', 91_000, [1, 0.8]));
    expect(store.card('a')).toMatchObject({ at: 95_000, cpu: 0.2, networkIn: 30 });
    expect(store.trend('a')?.length).toBe(2);
  });

  test('gains, changes and loses hosts without being asked again', async () => {
    const store = await fleet();
    socket.say('host', { ...host('c', 'pi'), status: 'unknown' });
    socket.say('host', { ...host('a', 'nas2'), status: 'offline' });
    socket.say('hostRemoved', { hostId: 'b' });
    expect(store.hosts.map(({ name, status }) => [name, status])).toEqual([
      ['nas2', 'offline'],
      ['pi', 'unknown'],
    ]);
  });

  test('has a series on the card that appears later', async () => {
    const store = await fleet();
    socket.say('series', { hostId: 'b', series: [{ id: 9, metric: 'cpu', attributes: {} }] });
    socket.say('card', frame('b', 99_000, [9, 0.5]));
    expect(store.card('b')?.cpu).toBe(0.5);
  });

  test('reckons in the appliance’s time, however long the descriptors take', async () => {
    const slow = new Descriptors(connection, () => new Promise((resolve) => setTimeout(() => resolve(list), 3_000)));
    const store = new FleetStore(connection, slow, Date.now);
    socket.answers.set('fleet', () => ok(state()));
    socket.open();
    await vi.advanceTimersByTimeAsync(3_500);
    expect(store.isLoaded).toBe(true);
    expect(store.now() - Date.now()).toBe(50_000);
  });

  test('says why it could not be read, and recovers', async () => {
    const store = new FleetStore(connection, new Descriptors(connection, async () => list), Date.now);
    socket.answers.set('fleet', () => refused('internal-error'));
    socket.open();
    await vi.waitUntil(() => store.failure);
    socket.answers.set('fleet', () => ok(state()));
    socket.disconnect();
    socket.open();
    await vi.waitUntil(() => store.isLoaded);
    expect(store.failure).toBeUndefined();
  });
});

describe('a host', () => {
  const page = { hidden: false, listener: undefined as (() => void) | undefined };
  const visibility = {
    get hidden() {
      return page.hidden;
    },
    addEventListener: (_: string, listener: () => void) => {
      page.listener = listener;
    },
    removeEventListener: () => {
      page.listener = undefined;
    },
  };
  const turn = (hidden: boolean) => {
    page.hidden = hidden;
    page.listener?.();
  };

  function store(): HostStore {
    page.hidden = false;
    socket.answers.set('watch', () =>
      ok({ at: 100_000, series: [{ id: 1, metric: 'cpu', attributes: {} }], frame: frame('a', 90_000, [1, 0.1]) }),
    );
    socket.answers.set('unwatch', () => ok(null));
    return new HostStore('a', connection, visibility);
  }

  test('is watched from its first listener to its last, once', async () => {
    const watched = store();
    socket.open();
    expect(socket.askedFor('watch')).toEqual([]);
    const releases = [watched.subscribe(() => undefined), watched.subscribe(() => undefined)];
    await vi.waitUntil(() => watched.isLoaded);
    expect(socket.askedFor('watch')).toEqual([{ hostId: 'a' }]);
    releases[0]?.();
    releases[0]?.();
    expect(socket.askedFor('unwatch')).toEqual([]);
    releases[1]?.();
    expect(socket.askedFor('unwatch')).toEqual([{ hostId: 'a' }]);
    vi.advanceTimersByTime(RENEW_MS * 3);
    expect(socket.askedFor('watch')).toHaveLength(1);
    expect(socket.listeners('frame')).toBe(0);
  });

  test('is watched again every ten seconds, and at once after a reconnect', () => {
    store().subscribe(() => undefined);
    socket.open();
    vi.advanceTimersByTime(RENEW_MS * 2);
    expect(socket.askedFor('watch')).toHaveLength(3);
    socket.disconnect();
    vi.advanceTimersByTime(RENEW_MS);
    expect(socket.askedFor('watch')).toHaveLength(3);
    socket.open();
    expect(socket.askedFor('watch')).toHaveLength(4);
  });

  test('is not watched while the page is hidden', () => {
    store().subscribe(() => undefined);
    socket.open();
    turn(true);
    expect(socket.askedFor('unwatch')).toHaveLength(1);
    vi.advanceTimersByTime(RENEW_MS * 3);
    expect(socket.askedFor('watch')).toHaveLength(1);
    turn(false);
    expect(socket.askedFor('watch')).toHaveLength(2);
  });

  test('keeps its own values in rings and no other host’s', async () => {
    const watched = store();
    watched.subscribe(() => undefined);
    socket.open();
    await vi.waitUntil(() => watched.isLoaded);
    socket.say('frame', frame('a', 91_000, [1, 0.2, 77, 5]));
    socket.say('frame', frame('b', 92_000, [1, 0.9]));
    const ring = watched.ring(1);
    expect([ring?.length, ring?.lastValue, watched.lastAt]).toEqual([2, 0.2, 91_000]);
    expect(watched.ring(77)).toBeUndefined();
  });

  test('counts what came late, which is not now', async () => {
    const watched = store();
    watched.subscribe(() => undefined);
    socket.open();
    await vi.waitUntil(() => watched.isLoaded);
    socket.say('frame', frame('a', 60_000, [1, 0.7], true));
    expect([watched.lateCount, watched.lastAt, watched.ring(1)?.at(0)]).toEqual([1, 90_000, 60_000]);
  });

  test('that may not be seen says why', async () => {
    const watched = store();
    socket.answers.set('watch', () => refused('not-found'));
    watched.subscribe(() => undefined);
    socket.open();
    await vi.waitUntil(() => watched.failure);
    expect(watched.failure).toMatchObject({ code: 'not-found' });
  });
});
