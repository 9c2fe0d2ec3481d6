import { afterAll, beforeAll, expect, test } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { HelloAnswer } from '../../../protocol/agent-link.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, declared, frameOf, type HandAgent, helloOf } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { httpMeter, shellyGen2 } from '../../helpers/meters.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { until } from '../../helpers/until.ts';

let reeve: InProcess;
let agent: HandAgent;
let hostId = '';
let seq = 0;

const frames = async (list: { at: number; cpu: number }[]) => {
  const sent = list.map(({ at, cpu }) => frameOf(++seq, at, [0, cpu]));
  const answer = await agent.say('frames', { offsetMs: 0, frames: sent });
  if (!answer.ok) throw new Error(answer.error.message);
};
const overview = async () => (await reeve.call('GET', '/api/v1/cost')).body;
const sourceOf = async () => (await reeve.call('GET', `/api/v1/hosts/${hostId}/power-source`)).body;

beforeAll(async () => {
  reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: 'nas' });
  const facts = { ...someFacts, hostName: 'nas' };
  const pairing = await pairWith(reeve.https, { token: String(body.token), name: 'nas', facts });
  agent = await connectByHand(reeve.https, pairing);
  const hello = await agent.say<HelloAnswer>('hello', helloOf('nas'));
  if (!hello.ok) throw new Error(hello.error.message);
  ({ hostId } = hello.value);
  await agent.say('declare', declared);
});
afterAll(async () => {
  agent.close();
  await reeve.stop();
});

const ownHost = (body: Record<string, unknown>) =>
  (body.hosts as Record<string, unknown>[]).find((each) => each.hostId === hostId) as Record<string, unknown>;

test('a host of which nothing is known costs nothing and says what to do; with a TDP it is a guess', async () => {
  await frames([{ at: Date.now() - 10_000, cpu: 0.5 }]);
  const before = ownHost(await overview());
  expect(before.watts).toBeUndefined();
  expect(before.problem).toContain('choose one');
  const { rev } = (await reeve.call('GET', `/api/v1/hosts/${hostId}`)).body;
  expect((await reeve.call('PATCH', `/api/v1/hosts/${hostId}`, { rev, watts: 100 })).status).toBe(200);
  await frames([{ at: Date.now() - 5_000, cpu: 0.5 }]);
  const { now } = await sourceOf();
  expect(now).toMatchObject({ source: { id: 'tdp', isChosen: false }, confidence: 'guess', watts: 65 });
});

test('a model that somebody chose is written into the series of its host, and costs by the tariff of the site', async () => {
  const value = { idleWatts: 20, fullWatts: 120 };
  const chosen = await reeve.call('PUT', `/api/v1/hosts/${hostId}/power-source`, { rev: 0, kind: 'model', value });
  expect(chosen.status).toBe(200);
  const tariff = { from: '2026-01-01', title: 'Flat', price: 0.5 };
  const put = await reeve.call('PUT', '/api/v1/cost/tariffs', { rev: 0, versions: [tariff], budget: 0.000001 });
  expect(put.status).toBe(200);
  const begin = Date.now();
  await frames([0, 1, 2].map((n) => ({ at: begin + n, cpu: 0.3 })));
  const { body } = await reeve.call(
    'GET',
    `/api/v1/history?hosts=${hostId}&from=${begin - 60_000}&to=${Date.now() + 60_000}&metrics=hw.host.power,hw.host.energy.used`,
  );
  const series = body.series as { metric: string; attributes: Record<string, string> }[];
  expect(series.map(({ metric, attributes }) => `${metric} ${attributes['hw.source']}`)).toContain(
    'hw.host.power model',
  );
  // Another tariff is in the next answer at once.
  const answer = await overview();
  const own = ownHost(answer);
  expect(own).toMatchObject({ confidence: 'modelled', uncertainty: 0.2, watts: 50 });
  const today = own.today as { kwh: number; cost: number };
  expect(today.kwh).toBeGreaterThan(0);
  expect(today.cost).toBeCloseTo(today.kwh * 0.5, 9);
  expect(answer.budget).toMatchObject({ state: 'exceeded' });
});

test('what a past tariff was is corrected for the past', async () => {
  const { rev, versions } = (await reeve.call('GET', '/api/v1/cost/tariffs')).body;
  const before = ownHost(await overview()).today as { kwh: number; cost: number };
  const [first] = versions as Record<string, unknown>[];
  const put = await reeve.call('PUT', '/api/v1/cost/tariffs', { rev, versions: [{ ...first, price: -0.1 }] });
  expect(put.status).toBe(200);
  const after = ownHost(await overview()).today as { kwh: number; cost: number };
  expect(after.cost).toBeCloseTo(after.kwh * -0.1, 9);
  expect(before.cost).toBeGreaterThan(0);
  // Who sets a budget that is spent already hears of it at once.
  const { body: kept } = await reeve.call('GET', '/api/v1/cost/tariffs');
  const dear = { ...first, price: 100 };
  await reeve.call('PUT', '/api/v1/cost/tariffs', { rev: kept.rev, versions: [dear], budget: 0.01 });
  await until(
    async () => JSON.stringify((await reeve.call('GET', '/api/v1/alerts')).body).includes('more than its budget of'),
    { what: 'an alert about the budget' },
  );
  const stale = await reeve.call('PUT', '/api/v1/cost/tariffs', { rev, versions: [] });
  expect(stale.status).toBe(409);
});

test('a plug is tried, chosen, and its energy is taken along by the frames of the host, each joule once', async () => {
  const plug = { watts: 42, wh: 1_000 };
  const meter = await httpMeter(shellyGen2(plug));
  const value = { url: meter.url, everySeconds: 5 };
  const test = await reeve.call('POST', `/api/v1/hosts/${hostId}/power-source/test`, { kind: 'shelly', value });
  expect(test.body).toEqual({ watts: 42, totalKwh: 1 });
  const { rev } = await sourceOf();
  const put = await reeve.call('PUT', `/api/v1/hosts/${hostId}/power-source`, { rev, kind: 'shelly', value });
  expect(put.status).toBe(200);
  await until(async () => (await sourceOf()).now, { what: 'the plug was asked' });
  await until(async () => ((await sourceOf()).now as { watts?: number }).watts === 42, {
    what: 'the plug has answered',
  });
  const asked = meter.asked.length;
  plug.wh = 1_001;
  await until(() => meter.asked.length > asked, { timeoutMs: 15_000, what: 'it is asked again' });
  const begin = Date.now();
  await frames([
    { at: begin, cpu: 0.3 },
    { at: begin + 1, cpu: 0.3 },
  ]);
  const { body } = await reeve.call(
    'GET',
    `/api/v1/history?hosts=${hostId}&from=${begin - 60_000}&to=${Date.now() + 60_000}&metrics=hw.host.energy.used{hw.source="shelly"}&resolution=raw&values=average,count`,
  );
  const [energy] = body.series as { average: (number | null)[]; count: number[] }[];
  const joules = (energy?.average ?? []).reduce<number>(
    (sum, value, n) => sum + (value ?? 0) * (energy?.count[n] ?? 0),
    0,
  );
  // The first reading stands for its step (42 W × 5 s); then the plug has counted one Wh.
  expect(joules).toBeCloseTo(210 + 3_600, 0);
  expect(ownHost(await overview())).toMatchObject({ confidence: 'measured', uncertainty: 0.02 });
}, 40_000);

test('a plug that is away is said, with the cure', async () => {
  const { rev } = await sourceOf();
  const value = { url: 'http://127.0.0.1:9', everySeconds: 5 };
  await reeve.call('PUT', `/api/v1/hosts/${hostId}/power-source`, { rev, kind: 'tasmota', value });
  const now = await until(async () => {
    const { now: found } = await sourceOf();
    return (found as { problem?: string }).problem && (found as { problem: string });
  });
  expect(now.problem).toContain('refuses connections');
  const gone = await reeve.call('DELETE', `/api/v1/hosts/${hostId}/power-source`);
  expect(gone.body.rev).toBe(0);
});

test('a plug on a host without an agent: live values, history and alerts know it, and nobody takes it for up', async () => {
  const added = await reeve.call('POST', '/api/v1/hosts', { name: 'switch', kind: 'push' });
  const id = String(added.body.id);
  const condition = { id: 'above', settings: { threshold: 20 } };
  const rule = { title: 'Takes too much', severity: 'high', metric: 'hw.host.power', condition };
  expect((await reeve.call('POST', '/api/v1/alert-rules', rule)).status).toBeLessThan(300);
  const meter = await httpMeter(shellyGen2({ watts: 25, wh: 10 }));
  const value = { url: meter.url, everySeconds: 5 };
  await reeve.call('PUT', `/api/v1/hosts/${id}/power-source`, { rev: 0, kind: 'shelly', value });
  const isMeant = (alert: { hostId?: string }) => alert.hostId === id;
  await until(
    async () => {
      const { body } = await reeve.call('GET', '/api/v1/alerts');
      return (body.items as { hostId?: string }[]).some(isMeant);
    },
    { timeoutMs: 20_000, what: 'an alert about what the plug says' },
  );
  const { body: host } = await reeve.call('GET', `/api/v1/hosts/${id}`);
  expect(host).toMatchObject({ status: 'unknown', statusReason: expect.stringContaining('Only its power meter') });
  const to = Date.now() + 60_000;
  const asked = `/api/v1/history?hosts=${id}&from=${to - 600_000}&to=${to}&metrics=hw.host.power&values=average`;
  const [power] = (await reeve.call('GET', asked)).body.series as { average: (number | null)[] }[];
  expect(power?.average.filter((watts) => watts !== null)).toContain(25);
  expect((await reeve.call('GET', '/api/v1/cost')).body.watts).toBeGreaterThanOrEqual(25);
}, 40_000);

test('forms name the field and its cure, and secrets come back as set', async () => {
  const bad = await reeve.call('PUT', `/api/v1/hosts/${hostId}/power-source`, { rev: 0, kind: 'shelly', value: {} });
  expect(bad.status).toBe(400);
  expect(JSON.stringify(bad.body.errors)).toContain('body.value.url');
  const linkLocal = { kind: 'shelly', value: { url: 'http://169.254.169.254', password: 'secret-of-plug' } };
  const tried = await reeve.call('POST', `/api/v1/hosts/${hostId}/power-source/test`, linkLocal);
  expect(tried.body.problem).toContain('Link-local');
  const put = await reeve.call('PUT', `/api/v1/hosts/${hostId}/power-source`, { rev: 0, ...linkLocal });
  expect(JSON.stringify(put.body)).not.toContain('secret-of-plug');
  expect(put.body.value).toMatchObject({ password: { set: true } });
  await reeve.call('DELETE', `/api/v1/hosts/${hostId}/power-source`);
  const versions = [{ from: '2026-02-01' }, { from: '2026-01-01' }];
  const { rev } = (await reeve.call('GET', '/api/v1/cost/tariffs')).body;
  expect((await reeve.call('PUT', '/api/v1/cost/tariffs', { rev, versions })).status).toBe(400);
});

test('prices come in as CSV, and a line that cannot be read is named', async () => {
  const good = { csv: 'time;price\n2026-05-03T13:00+02:00;210\n2026-05-03T14:00+02:00;-50', per: 'MWh' };
  const { body } = await reeve.call('POST', '/api/v1/cost/spot-prices', good);
  expect(body).toMatchObject({ imported: 2, from: Date.UTC(2026, 4, 3, 11) });
  const bad = { csv: 'time;price\n2026-05-03T13:00+02:00;0.2\n2026-05-03 14:00;0.3' };
  const refused = await reeve.call('POST', '/api/v1/cost/spot-prices', bad);
  expect(refused.status).toBe(400);
  expect(String(refused.body.detail)).toContain('line 3');
  expect((await reeve.call('GET', '/api/v1/cost/tariffs')).body.spot).toMatchObject({ count: 2 });
});

test('days, patterns, what-if, idle hosts, one host and CSV tell of the same energy', async () => {
  const from = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const to = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const { body } = await reeve.call('GET', `/api/v1/cost/series?from=${from}&to=${to}&by=day`);
  const [group] = body.groups as { id: string; kwh: number[] }[];
  const kwh = group?.kwh.reduce((a, b) => a + b, 0) ?? 0;
  const own = (await reeve.call('GET', `/api/v1/hosts/${hostId}/cost`)).body;
  expect((own.month as { kwh: number }).kwh).toBeGreaterThan(0);
  expect(kwh).toBeCloseTo((own.today as { kwh: number }).kwh, 6);
  const pattern = (await reeve.call('GET', `/api/v1/cost/pattern?from=${from}&to=${to}`)).body;
  expect((pattern.watts as (number | null)[][]).flat().filter((watts) => watts !== null)).not.toEqual([]);
  const csv = await reeve.call('GET', `/api/v1/cost/export?from=${from}&to=${to}&by=hour`);
  expect(String(csv.body)).toContain('time,host,kWh,cost EUR');
  const wish = { kind: 'sleep', hostId, from: '00:00', to: '24:00', standbyWatts: 0 };
  const asleep = (await reeve.call('POST', '/api/v1/cost/what-if', { wish })).body;
  expect((asleep.after as { kwh: number }).kwh).toBeCloseTo(0, 6);
  const machine = { wish: { kind: 'replace', hostId, machine: 'n100', price: 150 } };
  expect((await reeve.call('POST', '/api/v1/cost/what-if', machine)).status).toBe(200);
  const tariff = { wish: { kind: 'tariff', tariff: { title: 'Other', price: 0.4 } } };
  const other = (await reeve.call('POST', '/api/v1/cost/what-if', tariff)).body;
  const after = other.after as { kwh: number; cost: number };
  expect(after.cost).toBeCloseTo(after.kwh * 0.4, 6);
  expect((await reeve.call('GET', '/api/v1/cost/idle')).body.items).toEqual([]);
  const wrong = await reeve.call('GET', `/api/v1/cost/series?from=${to}&to=${from}`);
  expect(wrong.status).toBe(400);
});
