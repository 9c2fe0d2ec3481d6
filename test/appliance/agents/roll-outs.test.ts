import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentRecord } from '../../../appliance/agents/documents.ts';
import { updateStateOf } from '../../../appliance/agents/orders.ts';
import { Registry } from '../../../appliance/agents/registry.ts';
import type { Release } from '../../../appliance/agents/releases.ts';
import { RollOuts } from '../../../appliance/agents/roll-outs.ts';
import { waveSizes } from '../../../appliance/agents/waves.ts';
import { type AuditEvent, type FactEvent, Hub } from '../../../appliance/hub.ts';
import { newId } from '../../../appliance/ids.ts';
import { openLog } from '../../../appliance/log.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import { isSignedOrder } from '../../../discovery/pairing/release.ts';
import type { JobProgress } from '../../../protocol/jobs.ts';
import type { RollOut } from '../../../protocol/routes/roll-outs.ts';
import { type SignedOrder, type UpdateOrder, updateOrder } from '../../../protocol/updates.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { releaseKeyFor, testCa } from '../../helpers/certificates.ts';
import { connectByHand, helloOf } from '../../helpers/hand-agent.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { memoryDocuments } from '../../helpers/memory-documents.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { until } from '../../helpers/until.ts';

const SITE = newId(1_790_000_000_000);
const sha256 = 'a'.repeat(64);
const script: Release = {
  ...{ platform: 'script', version: '2.0.0', size: 10, sha256 },
  files: [{ packing: 'none', file: '/x', path: '/agent.cjs', size: 10, sha256 }],
};
const windows: Release = {
  ...{ platform: 'win32-x64', version: '2.0.0', size: 10, sha256 },
  files: [
    { packing: 'xz', file: '/x', path: '/agent/win32-x64.xz', size: 5, sha256 },
    { packing: 'gz', file: '/x', path: '/agent/win32-x64.gz', size: 6, sha256 },
  ],
};

type How = 'follows' | 'refuses' | 'fails' | 'goes back' | 'is silent' | 'comes and goes' | 'is away';

/** A fleet whose agents do with an order what a test says. */
async function fleet(how: readonly How[], { documents = memoryDocuments(), applianceId = newId(1) } = {}) {
  const hub = new Hub(() => undefined);
  const registry = await Registry.open(documents);
  const trail: AuditEvent[] = [];
  const facts: FactEvent[] = [];
  hub.on('fact', (fact) => void facts.push(fact));
  hub.on('audit', (entry) => void trail.push(entry));
  const ca = await testCa();
  const releaseKey = await releaseKeyFor(ca, applianceId);
  const spans = { silenceMs: 300, tryingMs: 300, settleMs: 30 };
  let clock = 1_790_000_000_000;
  const now = () => clock++;
  const rollOuts = await RollOuts.open({
    documents,
    hub,
    now,
    applianceId,
    registry,
    releaseKey,
    hostName: (id) => `host ${id.slice(-4)}`,
    spans,
  });
  const agents: AgentRecord[] = registry.all();
  for (const _ of how.slice(agents.length)) {
    const [id, hostId] = [newId(now()), newId(now())];
    const rest = { publicKey: 'x', state: 'active', version: '1.0.0', program: 'script', pairedAt: now() } as const;
    agents.push(await registry.add({ id, hostId, siteId: SITE, ...rest }));
  }
  const asked: string[] = [];
  const orders: UpdateOrder[] = [];
  const gone = new Set(agents.filter((_, n) => how[n] === 'is away').map(({ id }) => id));
  const follow = async ({ id }: AgentRecord, { version }: UpdateOrder) => {
    await registry.change(id, { version });
    rollOuts.came(id, version, undefined);
  };
  const act = async (agent: AgentRecord, order: UpdateOrder): Promise<void> => {
    const { issuedAt } = order;
    const kind = how[agents.indexOf(agent)];
    rollOuts.heard(agent.id, { issuedAt, step: 'downloading' });
    if (kind === 'fails') return rollOuts.heard(agent.id, { issuedAt, step: 'failed', reason: 'no room' });
    rollOuts.heard(agent.id, { issuedAt, step: 'trying' });
    if (kind === 'goes back')
      return rollOuts.came(agent.id, '1.0.0', { issuedAt, version: '2.0.0', reason: 'it crashed' });
    if (kind === 'follows' || kind === 'comes and goes') await follow(agent, order);
    if (kind === 'comes and goes') gone.add(agent.id);
  };
  rollOuts.connect({
    releases: [script, windows],
    isConnected: (id) => !gone.has(id),
    send: async (id, message) => {
      const agent = agents.find((each) => each.id === id);
      expect(isSignedOrder(message, { applianceId, ca: ca.pem })).toBe(true);
      const order = updateOrder.parse(JSON.parse(message.order));
      if (!agent) return undefined;
      asked.push(id);
      orders.push(order);
      if (how[agents.indexOf(agent)] === 'refuses') return { ok: false, reason: 'not allowed here' };
      setImmediate(() => void act(agent, order));
      return { ok: true };
    },
  });
  const told: JobProgress[] = [];
  const abort = new AbortController();
  const run = () =>
    rollOuts.job().run({
      signal: abort.signal,
      progress: (said) => void told.push(said),
      now,
      log: openLog({ level: 'silent', isTerminal: false }),
    });
  const start = (allowOlder = false) => rollOuts.add(SITE, agents, { by: 'anna', allowOlder });
  return { rollOuts, registry, agents, asked, orders, told, trail, facts, run, start, abort, documents, applianceId };
}

const states = ({ agents }: RollOut) => agents.map(({ state }) => state).join(' ');

describe('agents are updated in waves', () => {
  test('of one, a tenth, a half and the rest, whatever their number', () => {
    expect(waveSizes(0)).toEqual([]);
    expect(waveSizes(1)).toEqual([1]);
    expect(waveSizes(2)).toEqual([1, 1]);
    expect(waveSizes(12)).toEqual([1, 1, 4, 6]);
    expect(waveSizes(500)).toEqual([1, 49, 200, 250]);
    for (let count = 1; count < 300; count++) expect(waveSizes(count).reduce((a, b) => a + b)).toBe(count);
  });

  test('each of which begins when the one before is through and stays', async () => {
    const { rollOuts, start, run, asked, orders, told, trail } = await fleet(Array(12).fill('follows'));
    const record = await start();
    expect(await run()).toBe('12 of 12 agents updated to 2.0.0');
    expect(rollOuts.need(SITE, record.id)).toMatchObject({ state: 'done', endedAt: expect.any(Number) });
    const waves = asked.map((id) => record.agents.find(({ agentId }) => agentId === id)?.wave);
    expect(waves).toEqual([...waves].sort());
    expect(new Set(waves).size).toBe(4);
    expect(told.map(({ text }) => text)).toContain('Version 2.0.0, wave 4 of 4');
    expect(told.at(-1)).toMatchObject({ done: 12, of: 12 });
    expect(trail.filter(({ what }) => what === 'agent.updated')).toHaveLength(12);
    // Each order is for one agent, and later than the one before.
    expect(new Set(orders.map(({ agentId }) => agentId)).size).toBe(12);
    expect(orders.every(({ allowOlder, packing }) => !allowOlder && packing === 'none')).toBe(true);
  });

  test.each<[How, RegExp]>([
    ['refuses', /not allowed here/],
    ['fails', /no room/],
    ['goes back', /it crashed/],
    ['is silent', /did not come back/],
    ['comes and goes', /reached the appliance once, and is gone again/],
  ])('and when an agent %s, the waves behind it are left as they are', async (how, reason) => {
    const { rollOuts, start, run, trail, facts } = await fleet(['follows', how, ...Array(10).fill('follows')]);
    const { id } = await start();
    expect(await run()).toBe('1 of 12 agents updated to 2.0.0, 1 failed, 10 left as they were');
    expect(facts).toMatchObject([{ siteId: SITE, kind: 'roll-out', state: 'wrong', severity: 'medium' }]);
    expect(facts[0]?.text).toMatch(reason);
    expect(facts[0]?.text).toMatch(
      /^The update of agents to 2\.0\.0 was stopped\. host .+; 10 agents were left as they were$/,
    );
    const ended = rollOuts.need(SITE, id);
    expect(ended.state).toBe('stopped');
    expect(states(ended)).toBe(`done failed ${Array(10).fill('left').join(' ')}`);
    expect(ended.agents[1]?.reason).toMatch(reason);
    expect(trail.find(({ what }) => what === 'agent.notUpdated')?.detail.reason).toMatch(reason);
  });

  test('and a stopped one is no longer told when the agent that failed comes as the new version after all', async () => {
    const { rollOuts, registry, agents, start, run, facts } = await fleet(['goes back', 'follows']);
    await start();
    await run();
    const [failed] = agents;
    if (!failed) throw new Error('no agent');
    rollOuts.came(failed.id, '1.0.0', undefined);
    expect(facts.map(({ state }) => state)).toEqual(['wrong', 'wrong']);
    await registry.change(failed.id, { version: '2.0.0' });
    rollOuts.came(failed.id, '2.0.0', undefined);
    expect(facts.at(-1)).toMatchObject({ state: 'ok', kind: 'roll-out', key: 'agents' });
  });

  test('where one that is away is left, and holds nobody up', async () => {
    const { rollOuts, start, run } = await fleet(['is away', 'follows', 'follows']);
    const { id } = await start();
    expect(await run()).toBe('2 of 3 agents updated to 2.0.0, 1 left as they were');
    expect(rollOuts.need(SITE, id).agents[0]).toMatchObject({ state: 'left', reason: 'It was not connected' });
  });

  test('one roll-out of a site at a time; a person stops it, and who is at it may finish', async () => {
    const { rollOuts, start, run } = await fleet(['is silent', 'follows', 'follows']);
    const { id } = await start();
    await expect(start()).rejects.toMatchObject({ code: 'conflict' });
    const running = run().catch((error: Error) => error.message);
    await until(() => rollOuts.need(SITE, id).agents[0]?.state === 'trying', { what: 'the first is at it' });
    expect((await rollOuts.cancel(SITE, id)).state).toBe('cancelled');
    await running;
    expect(states(rollOuts.need(SITE, id))).toBe('failed left left');
    await start();
  });

  test('it goes on where the appliance ended in the middle of it', async () => {
    const before = await fleet(['follows', 'is silent', 'follows']);
    const { id } = await before.start();
    const running = before.run().catch(() => undefined);
    await until(() => before.rollOuts.need(SITE, id).agents[1]?.state === 'trying', { what: 'the second wave' });
    before.abort.abort({ state: 'interrupted' });
    await running;
    expect(before.rollOuts.need(SITE, id).state).toBe('running');
    const { documents, applianceId } = before;
    const after = await fleet(['follows', 'follows', 'follows'], { documents, applianceId });
    expect(after.rollOuts.isUnfinished).toBe(true);
    expect(await after.run()).toBe('3 of 3 agents updated to 2.0.0');
    expect(after.asked).not.toContain(before.agents[0]?.id);
  });
});

test('an agent says for itself whether it may be updated from here, and what it is decides which release is for it', () => {
  const agent = {
    id: 'x',
    siteId: SITE,
    rev: 1,
    hostId: 'h',
    publicKey: 'k',
    state: 'active',
    version: '1.0.0',
    program: 'script',
    pairedAt: 1,
  } as const;
  const may = [{ action: 'update_agent' }];
  const state = (rest: Partial<AgentRecord>, allowed: typeof may | undefined = may) =>
    updateStateOf({ ...agent, ...rest }, allowed, [script, windows]);
  expect(state({})).toBe('ready');
  expect(state({ program: 'win32-x64' })).toBe('ready');
  expect(state({ version: '2.0.0' })).toBe('current');
  expect(state({ version: '2.0.1' })).toBe('newer');
  expect(state({ program: 'linux-arm64' })).toBe('no-release');
  expect(state({ isOwn: true })).toBe('with-appliance');
  expect(state({}, [])).toBe('not-allowed');
  const { program: _, ...old } = agent;
  expect(updateStateOf(old, may, [script])).toBe('too-old');
});

test('over HTTP: the order that an agent gets is signed by a key that its pinned CA vouches for', async () => {
  const reeve = await startInProcess({ distDir: makeAgentDist() });
  onTestFinished(() => reeve.stop());
  await reeve.setUp();
  const { body: token } = await reeve.call('POST', '/api/v1/agents/tokens', {});
  const pairing = await pairWith(reeve.https, { token: String(token.token), name: 'nas', facts: someFacts });
  const agent = await connectByHand(reeve.https, pairing);
  onTestFinished(() => agent.close());
  const agents = async () =>
    (await reeve.call('GET', '/api/v1/agents')).body.items as { update: string; version: string }[];
  await agent.say('hello', helloOf('nas'));
  expect((await agents())[0]?.update).toBe('too-old');
  const refused = await reeve.call('POST', '/api/v1/agents/roll-outs', {});
  expect(refused).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('too old to update themselves') },
  });
  await agent.say('hello', { ...helloOf('nas'), program: 'script', may: [] });
  expect((await agents())[0]?.update).toBe('not-allowed');
  await agent.say('hello', { ...helloOf('nas'), program: 'script', may: [{ action: 'update_agent' }] });
  expect((await agents())[0]?.update).toBe('ready');
  let order: SignedOrder | undefined;
  agent.socket.on('update', (message, reply) => {
    order = message;
    reply({ ok: true });
  });
  expect((await reeve.call('GET', '/api/v1/agents/releases')).body.items).toMatchObject([
    { program: 'script', version: '1.2.3' },
  ]);
  const { body: started, status } = await reeve.call('POST', '/api/v1/agents/roll-outs', {});
  expect(status).toBe(202);
  await until(() => order, { what: 'the order' });
  expect(order && isSignedOrder(order, pairing)).toBe(true);
  const { issuedAt, agentId } = updateOrder.parse(JSON.parse(order?.order ?? ''));
  expect(agentId).toBe(pairing.agentId);
  agent.socket.emit('updating', { issuedAt, step: 'testing' });
  const path = `/api/v1/agents/roll-outs/${String(started.id)}`;
  const first = async () => (await reeve.call('GET', path)).body.agents as { state: string }[];
  await until(async () => (await first())[0]?.state === 'testing', { what: 'it is at the test' });
  expect((await reeve.call('POST', '/api/v1/agents/roll-outs', {})).status).toBe(409);
  await agent.say('hello', {
    ...helloOf('nas'),
    agentVersion: '1.2.3',
    program: 'script',
    may: [{ action: 'update_agent' }],
  });
  await until(async () => (await first())[0]?.state === 'done', { what: 'it is done' });
  expect((await agents())[0]).toMatchObject({ version: '1.2.3', update: 'current' });
  expect((await reeve.call('POST', `${path}/cancel`)).body.state).toBe('cancelled');
});

test('another appliance cannot speak with the release key of this one, nor one CA for two', async () => {
  const [ca, other] = [await testCa(), await testCa()];
  const seed = randomBytes(32);
  const key = await releaseKeyFor(ca, 'one', seed);
  const message = { order: '{}', signature: key.sign('{}'), releaseKey: key.publicKey, attestation: key.attestation };
  expect(isSignedOrder(message, { applianceId: 'one', ca: ca.pem })).toBe(true);
  expect(isSignedOrder(message, { applianceId: 'two', ca: ca.pem })).toBe(false);
  expect(isSignedOrder(message, { applianceId: 'one', ca: other.pem })).toBe(false);
  expect((await releaseKeyFor(ca, 'one', seed)).publicKey).toBe(key.publicKey);
});
