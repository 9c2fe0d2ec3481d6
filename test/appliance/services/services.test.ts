import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { worthWatching } from '../../../appliance/services/known.ts';
import { expectedOf } from '../../../appliance/services/services.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { ExpectedServices, HelloAnswer } from '../../../protocol/agent-link.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, type HandAgent, helloOf } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { until } from '../../helpers/until.ts';

let reeve: InProcess;
let agent: HandAgent;
let hostId = '';
const told: ExpectedServices[] = [];

beforeAll(async () => {
  reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: 'recorder' });
  const facts = { ...someFacts, hostName: 'recorder' };
  const pairing = await pairWith(reeve.https, { token: String(body.token), name: 'recorder', facts });
  agent = await connectByHand(reeve.https, pairing);
  agent.socket.on('services', ({ services }) => void told.push(services));
  const hello = await agent.say<HelloAnswer>('hello', helloOf('recorder'));
  if (!hello.ok) throw new Error(hello.error.message);
  ({ hostId } = hello.value);
  expect(hello.value.services).toEqual([]);
});
afterAll(async () => {
  agent.close();
  await reeve.stop();
});

const listed = async () => (await reeve.call('GET', `/api/v1/hosts/${hostId}/services`)).body;

describe('services of a host', () => {
  test('are those that its agent found: what is worth to be watched comes first, video management before all', async () => {
    const services = [
      { name: 'cron', state: 'running' },
      { name: 'nginx', state: 'running' },
      { name: 'networkoptix-mediaserver', title: 'Nx Witness Server', state: 'failed' },
      { name: 'mariadb', state: 'stopped' },
    ];
    agent.socket.emit('found', { services } as never);
    await until(async () => (await listed()).foundAt, { what: 'what the agent found is known' });
    expect((await listed()).items).toEqual([
      { ...services[2], isExpected: false, isCritical: false, suggestion: 'Nx Witness' },
      { ...services[1], isExpected: false, isCritical: false, suggestion: 'Web server' },
      { ...services[0], isExpected: false, isCritical: false },
      { ...services[3], isExpected: false, isCritical: false },
    ]);
  });

  test('that people expect are told to its agent at once, and stand first in the list', async () => {
    const { rev } = (await reeve.call('GET', `/api/v1/hosts/${hostId}`)).body;
    const change = { rev, services: ['nginx', 'recorder'], criticalServices: ['recorder'] };
    const { status } = await reeve.call('PATCH', `/api/v1/hosts/${hostId}`, change);
    expect(status).toBe(200);
    await until(() => told.length > 0, { what: 'the agent is told' });
    expect(told).toEqual([
      [
        { name: 'nginx', isCritical: false },
        { name: 'recorder', isCritical: true },
      ],
    ]);
    const items = (await listed()).items as { name: string; isExpected: boolean; state?: string }[];
    expect(items.slice(0, 2)).toMatchObject([
      { name: 'nginx', isExpected: true, isCritical: false, state: 'running' },
      { name: 'recorder', isExpected: true, isCritical: true },
    ]);
    expect(items[1]).not.toHaveProperty('state');
    const hello = await agent.say<HelloAnswer>('hello', helloOf('recorder'));
    expect(hello).toMatchObject({ value: { services: told[0] } });
  });

  test.each(['', '-evil', 'a;b', 'x'.repeat(201), 'a\nb'])('with the name %j are refused', async (name) => {
    const { rev } = (await reeve.call('GET', `/api/v1/hosts/${hostId}`)).body;
    const { status } = await reeve.call('PATCH', `/api/v1/hosts/${hostId}`, { rev, services: [name] });
    expect(status).toBe(400);
  });

  test('are not taken when an agent tells nonsense or too many', async () => {
    const before = await listed();
    for (const odd of [null, {}, { services: 'all' }, { services: [{ name: 1 }] }])
      agent.socket.emit('found', odd as never);
    const many = Array.from({ length: 301 }, (_, i) => ({ name: `s${i}`, state: 'running' }));
    agent.socket.emit('found', { services: many } as never);
    await agent.say('time');
    expect(await listed()).toEqual(before);
  });

  test('that are critical are expected without being named twice', () => {
    expect(expectedOf({ services: ['b', 'a'], criticalServices: ['a', 'c'] })).toEqual([
      { name: 'a', isCritical: true },
      { name: 'b', isCritical: false },
      { name: 'c', isCritical: true },
    ]);
    expect(expectedOf(undefined)).toEqual([]);
  });

  test.each([
    ['MilestoneRecording', 'Milestone XProtect Recording Server', 'Milestone XProtect'],
    ['GenetecServer', '', 'Genetec Security Center'],
    ['edvrserver', '', 'exacqVision'],
    ['BlueIris', 'Blue Iris Service', 'Blue Iris'],
    ['mysqld', '', 'Database'],
    ['MSSQL$SQLEXPRESS', 'SQL Server (SQLEXPRESS)', 'Database'],
    ['cron', 'Regular background program processing daemon', undefined],
    ['promotion', '', undefined],
  ])('%s is known for what it belongs to', (name, title, what) => expect(worthWatching(name, title)?.what).toBe(what));
});
