import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Connection, STALE_AFTER_MS } from '../../../web-components/live/connection.ts';
import { linkWords } from '../../../web-components/live/link-words.ts';
import { FakeSocket, ok, refused } from './fake-socket.ts';

let socket: FakeSocket;
let now: number;
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  now = 1_000_000;
  connection = new Connection(socket.asSocket, () => now);
});
afterEach(() => vi.useRealTimers());

const frame = { hostId: 'h', at: 1, grade: 'durable', late: false, values: [] };

describe('the link', () => {
  test('is connecting, then live, then reconnecting, then stale since the last value', () => {
    const states: string[] = [connection.state];
    connection.subscribe(() => states.push(connection.state));
    connection.on('frame', () => undefined);
    socket.open();
    now += 500;
    socket.say('frame', frame);
    now += 500;
    socket.disconnect();
    vi.advanceTimersByTime(STALE_AFTER_MS);
    expect(states).toEqual(['connecting', 'live', 'reconnecting', 'stale']);
    expect(connection.staleSince).toBe(1_000_500);
    socket.open();
    expect([connection.state, connection.staleSince]).toEqual(['live', undefined]);
  });

  test('that never was is stale since the first failure', () => {
    socket.say('connect_error', new Error('refused'));
    now += 60_000;
    socket.say('connect_error', new Error('refused'));
    vi.advanceTimersByTime(STALE_AFTER_MS);
    expect([connection.state, connection.staleSince]).toEqual(['stale', 1_000_000]);
  });

  test('that the appliance refuses for good is ended and stays so', () => {
    socket.active = false;
    socket.say('connect_error', new Error('not-signed-in'));
    vi.advanceTimersByTime(STALE_AFTER_MS);
    expect(connection.state).toBe('ended');
  });

  test('that the appliance ends closes its socket', () => {
    socket.open();
    socket.say('ended');
    expect([connection.state, socket.connected]).toEqual(['ended', false]);
  });

  test('asks again after every reconnect, until it is let go', () => {
    let asked = 0;
    const release = connection.onConnect(() => {
      asked += 1;
    });
    expect(asked).toBe(0);
    socket.open();
    socket.disconnect();
    socket.open();
    expect(asked).toBe(2);
    release();
    socket.disconnect();
    socket.open();
    expect(asked).toBe(2);
  });

  test('gives the answer, or throws the refusal with its code', async () => {
    socket.open();
    socket.answers.set('unwatch', () => ok(null));
    socket.answers.set('watch', () => refused('not-found'));
    expect(await connection.ask('unwatch', { hostId: 'h' })).toBeNull();
    await expect(connection.ask('watch', { hostId: 'h' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('takes exactly the listener off that was put on', () => {
    const heard: string[] = [];
    const both = ['a', 'b'].map((name) => connection.on('hostRemoved', () => heard.push(name)));
    both[0]?.();
    socket.say('hostRemoved', { hostId: 'h' });
    expect(heard).toEqual(['b']);
    both[1]?.();
    expect(socket.listeners('hostRemoved')).toBe(0);
  });
});

describe('the indicator', () => {
  const at = new Date(2026, 10, 21, 14, 32, 0).getTime();
  test.each([
    ['live', undefined, undefined, 'Live'],
    ['live', undefined, at, 'Paused 14:32:00'],
    ['connecting', undefined, undefined, 'Connecting'],
    ['reconnecting', at, undefined, 'Reconnecting'],
    ['stale', at, undefined, 'Stale since 14:32:00'],
  ] as const)('of a link that is %s says so', (state, since, pausedAt, word) => {
    expect(linkWords(state, since, pausedAt).word).toBe(word);
  });
});
