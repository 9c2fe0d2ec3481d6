import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Rule } from '../../../protocol/alerts.ts';
import type { AlertHead, AlertNews, AlertsState } from '../../../protocol/live.ts';
import { pairedFleet } from '../../helpers/alert-fleet.ts';
import { until } from '../../helpers/until.ts';

type Told = { alert: AlertHead; news: AlertNews };
let fleet: Awaited<ReturnType<typeof pairedFleet>>;
let socket: Socket;
const told: Told[] = [];
let pendingCount = 0;
let deliveriesCount = 0;

const ask = async (): Promise<AlertsState> => (await socket.timeout(3_000).emitWithAck('alerts', {})).value;
const heard = (kind: AlertNews['kind']) => until(() => told.find(({ news }) => news.kind === kind), { what: kind });

beforeAll(async () => {
  fleet = await pairedFleet();
  const rule = { severity: 'high', metric: 'bench.level', condition: { id: 'above', settings: { threshold: 10 } } };
  await fleet.call('POST', '/api/v1/alert-rules', { ...rule, title: 'Bench is high' });
  await fleet.call('POST', '/api/v1/alert-rules', { ...rule, title: 'Bench stays high', forMs: 3_600_000 });
  const value = { url: 'https://127.0.0.1:1/hook' };
  await fleet.call('POST', '/api/v1/notification-channels', { kind: 'webhook', name: 'Away', value });
  socket = io(`${fleet.http}/live`, {
    ...{ transports: ['websocket'], extraHeaders: { cookie: fleet.cookie() }, reconnection: false },
  });
  socket.on('alert', (each: Told) => told.push(each));
  socket.on('pending', () => {
    pendingCount += 1;
  });
  socket.on('deliveries', () => {
    deliveriesCount += 1;
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
}, 60_000);
afterAll(async () => {
  socket.close();
  await fleet.stop();
});

test('nothing comes before it is asked for', async () => {
  await fleet.send(50);
  await until(async () => ((await fleet.call('GET', '/api/v1/alerts')).body.items as unknown[]).length === 1);
  expect(told).toEqual([]);
});

test('the answer has what is active and what fired last, without transitions', async () => {
  const { active, recent } = await ask();
  expect(active.map(({ title }) => title)).toEqual(['Bench level 50']);
  expect(recent).toEqual(active);
  expect(active[0]).not.toHaveProperty('transitions');
  expect(active[0]).not.toHaveProperty('key');
});

test('what people do with an alert comes at once, with who did it and without the values', async () => {
  const [alert] = (await ask()).active;
  await fleet.call('POST', `/api/v1/alerts/${alert?.id}/acknowledge`, { comment: 'I look' });
  const { alert: now, news } = await heard('acknowledged');
  expect(now).toMatchObject({ id: alert?.id, status: 'acknowledged', acknowledgedBy: 'owner' });
  expect(now).not.toHaveProperty('transitions');
  expect(news).toMatchObject({ by: 'owner', text: 'Somebody looks after it: I look' });
  expect(news).not.toHaveProperty('samples');
});

test('an alert that is over comes as resolved, and is no longer among the active ones', async () => {
  await fleet.send(1);
  expect((await heard('resolved')).alert.status).toBe('resolved');
  const { active, recent } = await ask();
  expect(active).toEqual([]);
  expect(recent.map(({ status }) => status)).toEqual(['resolved']);
});

test('that something is pending, and is no longer, is told without a list', async () => {
  await until(() => pendingCount > 0, { what: 'the first values of the long rule' });
  const before = pendingCount;
  await fleet.send(60);
  await until(() => pendingCount > before, { what: 'it began' });
  expect((await fleet.call('GET', '/api/v1/pending-alerts')).body).toMatchObject([{ ruleTitle: 'Bench stays high' }]);
});

test('that something became of a message is told without a list', async () => {
  await until(() => deliveriesCount > 0, { timeoutMs: 45_000, what: 'the next try, or the next message' });
  const { items } = (await fleet.call('GET', '/api/v1/notifications')).body as unknown as {
    items: { tries: number }[];
  };
  expect(items[0]?.tries).toBeGreaterThan(0);
}, 60_000);

test('a rule that goes ends its alert for every dashboard', async () => {
  const { items } = (await fleet.call('GET', '/api/v1/alert-rules?limit=100')).body as unknown as { items: Rule[] };
  const id = items.find(({ title }) => title === 'Bench is high')?.id;
  await until(async () => (await ask()).active.length === 1, { what: 'it fired again' });
  told.length = 0;
  await fleet.call('DELETE', `/api/v1/alert-rules/${id}`);
  expect((await heard('resolved')).news.text).toBe('Its rule was switched off, removed or changed');
});
