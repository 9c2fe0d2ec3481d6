import { beforeEach, describe, expect, test } from 'vitest';
import { AlertStore } from '../../../web-components/live/alerts.ts';
import { Connection } from '../../../web-components/live/connection.ts';
import { happened, overAlert, playedAlert } from '../../helpers/played-alerts.ts';
import { FakeSocket, ok, refused } from './fake-socket.ts';

const nas = { id: '0190a000-0000-7000-8000-000000000101', name: 'nas01' };
const media = { id: '0190a000-0000-7000-8000-000000000102', name: 'media' };
const disk = playedAlert(2, nas);
const heat = playedAlert(1, media, { severity: 'high' });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

let socket: FakeSocket;
let store: AlertStore;
let changes: number;

beforeEach(() => {
  socket = new FakeSocket();
  store = new AlertStore(new Connection(socket.asSocket, Date.now));
  changes = 0;
  store.subscribe(() => {
    changes += 1;
  });
});

async function begin(state = { at: 1, active: [disk, heat], recent: [heat, disk] }): Promise<void> {
  socket.answers.set('alerts', () => ok(state));
  socket.open();
  await settle();
}

describe('the alerts of a site', () => {
  test('come whole, newest first, and by host', async () => {
    expect(store.isLoaded).toBe(false);
    await begin();
    expect(store.isLoaded).toBe(true);
    expect(store.active.map(({ id }) => id)).toEqual([heat.id, disk.id]);
    expect(store.of(nas.id)).toEqual([disk]);
    expect(store.of('nobody')).toBe(store.of('somebody else'));
    expect(store.get(disk.id)).toEqual(disk);
  });

  test('follow what is told: one that fires, one that is acknowledged, one that is over', async () => {
    await begin();
    const told: string[] = [];
    store.onTold(({ news }) => told.push(news.kind));
    const cpu = playedAlert(0, nas, { id: 'cpu' });
    socket.say('alert', { alert: cpu, news: happened(2, 'fired') });
    expect(store.of(nas.id).map(({ id }) => id)).toEqual(['cpu', disk.id]);
    socket.say('alert', { alert: { ...disk, status: 'acknowledged' }, news: happened(3, 'acknowledged') });
    expect(store.get(disk.id)?.status).toBe('acknowledged');
    socket.say('alert', { alert: overAlert(2, nas), news: happened(4, 'resolved') });
    expect(store.of(nas.id).map(({ id }) => id)).toEqual(['cpu']);
    expect(store.recent.find(({ id }) => id === disk.id)?.status).toBe('resolved');
    expect(told).toEqual(['fired', 'acknowledged', 'resolved']);
    expect(changes).toBe(4);
  });

  test('what is told while the answer is awaited is not undone by it', async () => {
    await begin();
    socket.answers.set('alerts', () => {
      socket.say('alert', { alert: overAlert(2, nas), news: happened(4, 'resolved') });
      return ok({ at: 1, active: [disk, heat], recent: [heat, disk] });
    });
    socket.open();
    await settle();
    expect(store.active.map(({ id }) => id)).toEqual([heat.id]);
  });

  test('a refusal is kept with its words, and the next connect tries again', async () => {
    socket.answers.set('alerts', () => refused('storage-unavailable'));
    socket.open();
    await settle();
    expect([store.isLoaded, store.failure?.message]).toEqual([false, 'refused: storage-unavailable']);
    await begin();
    expect([store.isLoaded, store.failure]).toEqual([true, undefined]);
  });

  test('that the pending list is another is passed on until one lets go', async () => {
    await begin();
    let heard = 0;
    const stop = store.onPending(() => {
      heard += 1;
    });
    socket.say('pending');
    stop();
    socket.say('pending');
    expect(heard).toBe(1);
  });

  test('that messages are in another state is passed on until one lets go, and after each connect', async () => {
    await begin();
    let heard = 0;
    const stop = store.onDeliveries(() => {
      heard += 1;
    });
    socket.say('deliveries');
    socket.open();
    await settle();
    stop();
    socket.say('deliveries');
    expect(heard).toBe(2);
  });
});
