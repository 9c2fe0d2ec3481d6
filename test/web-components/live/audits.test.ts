import { beforeEach, expect, test } from 'vitest';
import type { AuditSummary } from '../../../protocol/audits.ts';
import { AuditStore } from '../../../web-components/live/audits.ts';
import { Connection } from '../../../web-components/live/connection.ts';
import { FakeSocket, ok, refused } from './fake-socket.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const running = (targetId: string, done: number, id = `audit of ${targetId}`): AuditSummary => ({
  ...{ id, targetId, targetName: targetId, kind: 'full', via: 'ssh', startedAt: 5, state: 'running', by: 'owner' },
  progress: { done, of: 38, section: 'disks' },
});
const over = (audit: AuditSummary): AuditSummary => ({ ...audit, state: 'done', endedAt: 9 });

let socket: FakeSocket;
let store: AuditStore;
let turns: string[];

beforeEach(() => {
  socket = new FakeSocket();
  store = new AuditStore(new Connection(socket.asSocket, Date.now));
  turns = [];
  store.onTurn((targetId) => turns.push(targetId));
});

async function begin(...now: AuditSummary[]): Promise<() => void> {
  socket.answers.set('audits', () => ok({ at: 1, running: now }));
  const release = store.subscribe(() => undefined);
  socket.open();
  await settle();
  return release;
}

test('nothing is asked until somebody listens, and nothing is heard after the last one left', async () => {
  socket.open();
  expect(socket.askedFor('audits')).toEqual([]);
  const release = await begin();
  expect(socket.askedFor('audits').length).toBeGreaterThan(0);
  release();
  socket.say('audit', running('nas', 1));
  expect(store.of('nas')).toBeUndefined();
});

test('an audit is followed from its begin to its end; both are told once, its progress is not', async () => {
  await begin();
  for (const done of [0, 3, 7]) socket.say('audit', running('nas', done));
  expect(store.of('nas')?.progress?.done).toBe(7);
  expect(turns).toEqual(['nas']);
  socket.say('audit', over(running('nas', 7)));
  expect(store.of('nas')).toBeUndefined();
  expect(turns).toEqual(['nas', 'nas']);
});

test('one that ended while the link was broken is told when it is back, one that runs goes on', async () => {
  await begin(running('nas', 3), running('media', 4));
  socket.disconnect();
  socket.answers.set('audits', () => ok({ at: 2, running: [running('media', 9)] }));
  socket.open();
  await settle();
  expect(turns).toEqual(['nas']);
  expect(store.of('media')?.progress?.done).toBe(9);
});

test('what was read is shown where nothing newer was told, and after a refusal', async () => {
  await begin(running('nas', 3));
  expect(store.latest(running('nas', 1)).progress?.done).toBe(3);
  expect(store.latest({ ...over(running('nas', 1)), startedAt: 6 }).state).toBe('done');
  socket.disconnect();
  socket.answers.set('audits', () => refused('internal-error'));
  socket.open();
  await settle();
  expect(store.of('nas')?.progress?.done).toBe(3);
});
