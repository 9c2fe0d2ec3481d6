import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '../../protocol/alerts.ts';
import { type RunningAgent, startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { removeDirectory } from '../helpers/directories.ts';
import { startFarEnd } from '../helpers/far-end.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { freePort } from '../helpers/ports.ts';
import { until } from '../helpers/until.ts';

let appliance: RunningAppliance;
let agent: RunningAgent;
let owner: Owner;
let ports: Record<string, string>;

beforeAll(async () => {
  ports = { REEVE_HTTP_PORT: String(await freePort()), REEVE_HTTPS_PORT: String(await freePort()) };
  appliance = await startAppliance({ env: ports });
  owner = await createOwner(appliance);
  agent = startAgent({ hub: appliance.httpsUrl, token: await owner.token('media') });
});

afterAll(async () => {
  await agent?.kill();
  await appliance?.stop();
  if (appliance) removeDirectory(appliance.dataDir);
});

async function must<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await owner.request(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as T;
}

const isOnline = async (): Promise<boolean> => (await owner.hosts()).some(({ status }) => status === 'online');

/** As after a power cut: nothing of it is asked to end. */
const cut = (): Promise<void> => appliance.kill();

async function back(): Promise<void> {
  appliance = await startAppliance({ dataDir: appliance.dataDir, env: ports });
  await until(isOnline, { timeoutMs: 60_000, what: 'the agent is back' });
}

/** A rule that is broken as soon as a value comes. */
const broken = (title: string, metric: string) =>
  must<{ id: string; rev: number }>('POST', '/api/v1/alert-rules', {
    ...{ title, severity: 'high', metric, remedy: title },
    condition: { id: 'above', settings: { threshold: 0 } },
  });

const openOf = async (title: string): Promise<Alert | undefined> =>
  (await must<{ items: Alert[] }>('GET', '/api/v1/alerts?status=active')).items.find(
    ({ ruleTitle }) => ruleTitle === title,
  );

test('an appliance that dies twice within a maintenance window tells nothing of it, and once what is still so after it', async () => {
  const farEnd = await startFarEnd({ plain: true });
  const value = { url: `${farEnd.url}/hook`, allowPlain: true };
  await must('POST', '/api/v1/notification-channels', { kind: 'webhook', name: 'Hook', isEnabled: true, value });
  const said = (title: string): string[] =>
    farEnd.arrived.map(({ body }) => body).filter((body) => body.includes(`"${title}"`));
  await until(isOnline, { timeoutMs: 60_000, what: 'the agent is there' });

  const startsAt = Date.now();
  const endsAt = startsAt + 45_000;
  await must('POST', '/api/v1/maintenance-windows', {
    ...{ title: 'Updates', reason: 'kernel', timeZone: 'UTC' },
    schedule: { kind: 'once', startsAt, endsAt },
  });
  await broken('Goes on', 'system.memory.utilization');
  const passing = await broken('Passes', 'system.process.count');
  for (const title of ['Goes on', 'Passes'])
    await until(async () => (await openOf(title))?.held?.by === 'maintenance', {
      timeoutMs: 20_000,
      what: `“${title}” is held`,
    });

  await cut();
  await back();
  expect(Date.now()).toBeLessThan(endsAt);
  expect((await openOf('Goes on'))?.held).toMatchObject({ by: 'maintenance', until: endsAt });
  const { rev } = await must<{ rev: number }>('GET', `/api/v1/alert-rules/${passing.id}`);
  await must('PATCH', `/api/v1/alert-rules/${passing.id}`, { rev, isEnabled: false });
  await until(async () => (await openOf('Passes')) === undefined, { what: '“Passes” is over' });
  expect(farEnd.arrived).toEqual([]);

  await cut();
  await until(() => Date.now() > endsAt, { timeoutMs: 60_000, what: 'the window is over' });
  expect(farEnd.arrived).toEqual([]);
  await back();
  const [message = ''] = await until(() => said('Goes on').length > 0 && said('Goes on'), {
    timeoutMs: 30_000,
    what: 'what goes on is told',
  });
  expect(JSON.parse(message)).toMatchObject({ state: 'firing', host: 'media' });
  expect(message).toContain('nobody was told before: maintenance “Updates”');
  await until(async () => (await openOf('Goes on'))?.toldAt !== undefined, { what: 'it is on record as told' });

  await cut();
  await back();
  await broken('Later', 'system.uptime');
  await until(() => said('Later').length > 0, { timeoutMs: 40_000, what: 'a later alert is told' });
  expect(said('Goes on')).toHaveLength(1);
  expect(said('Passes')).toEqual([]);
}, 240_000);
