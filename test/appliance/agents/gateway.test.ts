import { rmSync } from 'node:fs';
import path from 'node:path';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pairing } from '../../../discovery/pairing/agent.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { Ack, HelloAnswer, Welcome } from '../../../protocol/agent-link.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, declared, frameOf, type HandAgent, helloOf, STREAM } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

let reeve: InProcess;
const open: HandAgent[] = [];

beforeAll(async () => {
  reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
});
afterAll(async () => {
  for (const agent of open) agent.close();
  await reeve.stop();
});

async function pair(name: string, facts = {}): Promise<Pairing> {
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name });
  return pairWith(reeve.https, {
    token: String(body.token),
    name: 'label',
    facts: { ...someFacts, hostName: name, ...facts },
  });
}

async function connect(pairing: Pairing, options = {}): Promise<HandAgent> {
  const agent = await connectByHand(reeve.https, pairing, options);
  open.push(agent);
  return agent;
}

const hostNamed = async (name: string) => {
  const { body } = await reeve.call('GET', '/api/v1/hosts');
  return (body.items as unknown[]).find((host) => (host as { name: string }).name === name) as {
    id: string;
    rev: number;
    status: string;
    sameAs?: string;
  };
};

async function readyAgent(name: string): Promise<{ agent: HandAgent; pairing: Pairing; hostId: string }> {
  const pairing = await pair(name);
  const agent = await connect(pairing);
  const hello = await agent.say<HelloAnswer>('hello', helloOf(name));
  if (!hello.ok) throw new Error(hello.error.message);
  const welcome = await agent.say<Welcome>('declare', declared);
  if (!welcome.ok) throw new Error(welcome.error.message);
  return { agent, pairing, hostId: hello.value.hostId };
}

const ackOf = async (agent: HandAgent, ...frames: unknown[]): Promise<number | string> => {
  const answer = await agent.say<Ack[]>('frames', { offsetMs: 0, frames });
  return answer.ok ? (answer.value[0]?.ackedSeq ?? -1) : answer.error.code;
};

describe('an agent that is let in', () => {
  test('has paired with a token of the dashboard, is listed and online after its first frame', async () => {
    const { agent, hostId } = await readyAgent('nas01');
    expect(await hostNamed('nas01')).toMatchObject({ id: hostId, status: 'unknown' });
    expect(await ackOf(agent, frameOf(1))).toBe(1);
    expect(await hostNamed('nas01')).toMatchObject({ status: 'online' });
    const { body } = await reeve.call('GET', '/api/v1/agents');
    expect(body.items).toContainEqual(
      expect.objectContaining({ hostId, state: 'active', connected: true, version: '0.1.0' }),
    );
  });

  test('is acknowledged up to the first hole, and goes on from there', async () => {
    const { agent } = await readyAgent('holes');
    expect(await ackOf(agent, frameOf(1), frameOf(2), frameOf(4))).toBe(2);
    expect(await ackOf(agent, frameOf(3), frameOf(4))).toBe(4);
    expect(await ackOf(agent, frameOf(2), frameOf(3))).toBe(4);
  });

  test('may send frames without asking: they are shown at once, and the next answer covers them', async () => {
    const { agent, hostId } = await readyAgent('unasked');
    expect(await agent.say<Welcome>('declare', declared)).toMatchObject({ value: { askMs: 9_000 } });
    const before = Date.now();
    agent.socket.emit('more', { offsetMs: 0, frames: [frameOf(1, before, [0, 0.5, 1, 77])] });
    await until(async () => (await hostNamed('unasked')).status === 'online', { what: 'the host is seen' });
    agent.socket.emit('more', { offsetMs: 0, frames: [frameOf(2)] });
    expect(await agent.say('frames', { offsetMs: 0, frames: [frameOf(3)] })).toEqual({
      ok: true,
      value: [{ stream: STREAM, ackedSeq: 3, takenSeq: 3 }],
    });
    const query = `hosts=${hostId}&from=${before - 5_000}&to=${before + 60_000}&metrics=test.depth&values=max`;
    const { body } = await reeve.call('GET', `/api/v1/history?${query}`);
    expect(JSON.stringify(body.series)).toContain('77');
  });

  test('hears with the next answer that what it sent without asking was not taken', async () => {
    const { agent } = await readyAgent('not taken');
    const refused = {
      malformed: { offsetMs: 0, frames: [{ ...frameOf(2), values: [0, '1'] }] },
      huge: { offsetMs: 0, frames: [frameOf(2, Date.now(), Array(20_002).fill(0))] },
      empty: null,
      'of another stream': { offsetMs: 0, frames: [{ ...frameOf(2), stream: 'never-declared' }] },
      'behind a hole': { offsetMs: 0, frames: [frameOf(3)] },
    };
    await ackOf(agent, frameOf(1));
    for (const [what, message] of Object.entries(refused)) {
      agent.socket.emit('more', message as never);
      expect(await agent.say('frames', { offsetMs: 0, frames: [frameOf(4)] }), what).toEqual({
        ok: true,
        value: [{ stream: STREAM, ackedSeq: 1, takenSeq: 1 }],
      });
    }
    expect(await ackOf(agent, frameOf(2), frameOf(3), frameOf(4))).toBe(4);
  });

  test('may skip frames that it no longer has, and only those that come next', async () => {
    const { agent } = await readyAgent('skips');
    await ackOf(agent, frameOf(1));
    const skip = (fromSeq: number, toSeq: number) =>
      agent.say<Ack>('skip', { stream: STREAM, fromSeq, toSeq, reason: 'overflow' });
    expect(await skip(5, 9)).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect(await skip(2, 1)).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect(await skip(2, 9)).toEqual({ ok: true, value: { stream: STREAM, ackedSeq: 9 } });
    expect(await ackOf(agent, frameOf(10))).toBe(10);
  });

  test('finds its mark again after a reconnect', async () => {
    const { agent, pairing } = await readyAgent('comes-back');
    await ackOf(agent, frameOf(1), frameOf(2));
    agent.close();
    const again = await connect(pairing);
    await again.say('hello', helloOf('comes-back'));
    expect(await again.say('declare', declared)).toMatchObject({ ok: true, value: { ackedSeq: 2 } });
  });

  test('is told of a new interval and asked for quick samples while somebody looks', async () => {
    const { agent, hostId } = await readyAgent('interval');
    const { rev } = await hostNamed('interval');
    expect((await reeve.call('PATCH', `/api/v1/hosts/${hostId}`, { rev, intervalMs: 10_000 })).status).toBe(200);
    await until(() => agent.intervals.includes(10_000));
  });

  test('can ask what time it is', async () => {
    const { agent } = await readyAgent('clock');
    const answer = await agent.say<number>('time');
    expect(answer.ok && Math.abs(answer.value - Date.now())).toBeLessThan(5_000);
  });
});

describe('what an agent may not say', () => {
  let odd: HandAgent;
  let oddSeq = 0;
  beforeAll(async () => {
    odd = (await readyAgent('odd')).agent;
  });

  test.each([
    ['hello', {}],
    ['hello', { ...helloOf(), facts: { hostName: 'x\u0000y' } }],
    ['declare', { ...declared, series: 'all' }],
    ['frames', { offsetMs: 0, frames: [] }],
    ['frames', { offsetMs: Number.NaN, frames: [frameOf(1)] }],
    ['frames', { offsetMs: 0, frames: [{ ...frameOf(1), values: [0] }] }],
    ['frames', { offsetMs: 0, frames: [{ ...frameOf(1), values: [0, '1'] }] }],
    ['frames', { offsetMs: 0, frames: [{ ...frameOf(1), at: 5 }] }],
    ['frames', null],
    ['skip', []],
  ])('%s %j is refused with the field, and the connection stays', async (event, message) => {
    expect(await odd.say(event, message)).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect(await ackOf(odd, frameOf(++oddSeq))).toBe(oddSeq);
  });

  test('frames of a stream that was not declared are refused with the cure', async () => {
    const pairing = await pair('undeclared');
    const agent = await connect(pairing);
    await agent.say('hello', helloOf('undeclared'));
    expect(await ackOf(agent, frameOf(1))).toBe('undeclared');
  });

  test('a metric that contradicts what is known is refused by name and its values are left out', async () => {
    const { agent } = await readyAgent('first to say');
    const [cpu, depth] = declared.descriptors;
    const other = await connect(await pair('contradicts'));
    await other.say('hello', helloOf('contradicts'));
    const said = { ...declared, descriptors: [cpu, { ...depth, unit: 'ft' }] };
    expect(await other.say<Welcome>('declare', said)).toMatchObject({
      ok: true,
      value: { refused: [{ metric: 'test.depth', reason: 'unit ft contradicts m' }] },
    });
    expect(await ackOf(other, frameOf(1))).toBe(1);
    expect(agent.isReady()).toBe(true);
  });

  test('more than twenty messages a second are refused', async () => {
    const { agent } = await readyAgent('talker');
    const answers = await Promise.all(Array.from({ length: 40 }, () => agent.say('declare', declared)));
    expect(answers.filter((answer) => !answer.ok && answer.error.code === 'limit').length).toBeGreaterThan(10);
  });

  test('a frame from a clock that is far ahead is stored under the time it came', async () => {
    const { agent, hostId } = await readyAgent('future');
    const before = Date.now();
    await ackOf(agent, frameOf(1, before + 3_600_000));
    const { body } = await reeve.call(
      'GET',
      `/api/v1/history?hosts=${hostId}&from=${before - 60_000}&to=${before + 60_000}&metrics=test.depth`,
    );
    expect(
      (body as unknown as { series: { average: number[] }[] }).series[0]?.average.filter((value) => value !== null),
    ).toEqual([1]);
  });
});

describe('who is not let in', () => {
  test('somebody with another key, or none that is paired', async () => {
    const pairing = await pair('mine');
    const stranger = await pair('other');
    expect((await connect({ ...pairing, key: stranger.key })).refusals).toMatchObject([{ code: 'unauthenticated' }]);
    expect(
      (await connect({ ...pairing, agentId: reeve.data.length ? '01a1fde6-ad46-7220-ba11-911f0201b7a1' : '' }))
        .refusals,
    ).toMatchObject([{ code: 'unauthenticated' }]);
    expect((await connect(pairing, { signature: 'A'.repeat(86) })).refusals).toMatchObject([
      { code: 'unauthenticated' },
    ]);
  });

  test('an agent of another protocol version, which is told who has to be updated', async () => {
    const pairing = await pair('old');
    expect((await connect(pairing, { protocol: 0 })).refusals[0]).toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('update the agent'),
    });
    expect((await connect(pairing, { protocol: 99 })).refusals[0]).toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('update the appliance'),
    });
  });

  test('a revoked agent: put out at once, told why, and its host is offline', async () => {
    const { agent, pairing } = await readyAgent('revoked');
    await ackOf(agent, frameOf(1));
    expect((await reeve.call('POST', `/api/v1/agents/${pairing.agentId}/revoke`)).body).toMatchObject({
      state: 'revoked',
    });
    await until(() => agent.refusals.some(({ code }) => code === 'revoked'));
    expect((await connect(pairing)).refusals).toMatchObject([{ code: 'revoked' }]);
    expect(await hostNamed('revoked')).toMatchObject({ status: 'offline' });
  });

  test('two machines with one key: both are put in quarantine, and a person lets them in again', async () => {
    const { agent, pairing } = await readyAgent('cloned');
    const clone = await connect(pairing);
    expect(clone.refusals).toMatchObject([{ code: 'quarantined' }]);
    await until(() => agent.refusals.some(({ code }) => code === 'quarantined'));
    expect((await connect(pairing)).refusals).toMatchObject([{ code: 'quarantined' }]);
    const { body: hosts } = await reeve.call('GET', '/api/v1/hosts');
    expect(hosts.items).toContainEqual(
      expect.objectContaining({
        name: 'cloned',
        status: 'offline',
        statusReason: expect.stringMatching(/^Two machines/),
      }),
    );
    expect((await reeve.call('POST', `/api/v1/agents/${pairing.agentId}/release`)).body).toMatchObject({
      state: 'active',
    });
    expect((await connect(pairing)).isReady()).toBe(true);
  });

  test('a connection whose other end is dead is replaced, not taken for a clone', async () => {
    const pairing = await pair('half-open');
    await connect(pairing, { isDeaf: true });
    expect((await connect(pairing)).isReady()).toBe(true);
  });

  test.each(['http', 'https'] as const)('nobody over %s without websocket or TLS', async (scheme) => {
    const transports = scheme === 'http' ? ['websocket'] : ['polling'];
    const socket = io(`${reeve[scheme]}/agents`, { transports, reconnection: false, rejectUnauthorized: false });
    const error = await new Promise<Error>((resolve) => void socket.on('connect_error', resolve));
    expect(error.message).toBe('agents connect by websocket over HTTPS');
    socket.close();
  });
});

describe('a machine that was installed anew', () => {
  test('is offered as the host it was, and takes its place when a person says so', async () => {
    const first = await pair('media', { machineId: 'machine-1' });
    const old = await hostNamed('media');
    await pair('media', { machineId: 'machine-1' });
    const anew = await hostNamed('media (2)');
    expect(anew.sameAs).toBe(old.id);
    const { body } = await reeve.call('POST', `/api/v1/hosts/${anew.id}/same-as`, { same: true });
    expect(body).toMatchObject({ id: old.id, name: 'media' });
    expect(await hostNamed('media (2)')).toBeUndefined();
    expect((await connect(first)).refusals).toMatchObject([{ code: 'unauthenticated' }]);
  });

  test('whose agent was revoked is online again under its old host', async () => {
    const first = await pair('lost-laptop', { machineId: 'machine-3' });
    await reeve.call('POST', `/api/v1/agents/${first.agentId}/revoke`);
    const old = await hostNamed('lost-laptop');
    const again = await pair('lost-laptop', { machineId: 'machine-3' });
    const anew = await hostNamed('lost-laptop (2)');
    const answers = [1, 2].map(() => reeve.call('POST', `/api/v1/hosts/${anew.id}/same-as`, { same: true }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toContain(200);
    const agent = await connect(again);
    await agent.say<HelloAnswer>('hello', helloOf('lost-laptop'));
    await agent.say<Welcome>('declare', declared);
    await ackOf(agent, frameOf(1));
    expect(await hostNamed('lost-laptop')).toMatchObject({ id: old.id, status: 'online' });
  });

  test('stays a host of its own when a person says that it is another', async () => {
    await pair('twin', { machineId: 'machine-2' });
    await pair('twin', { machineId: 'machine-2' });
    const other = await hostNamed('twin (2)');
    const { body } = await reeve.call('POST', `/api/v1/hosts/${other.id}/same-as`, { same: false });
    expect(body.sameAs).toBeUndefined();
    expect((await reeve.call('POST', `/api/v1/hosts/${other.id}/same-as`, { same: false })).status).toBe(400);
  });
});

test('after a loss of documents an agent brings its host back, a revoked one is still said to be, and a lost owner is named', async () => {
  const { distDir, data } = { distDir: makeAgentDist(), data: temporaryDirectory() };
  const docs = (kind: string) => path.join(data, 'docs', `${kind}.db`);
  const start = async (...lost: string[]) => {
    for (const kind of lost) rmSync(docs(kind));
    reeve = await startInProcess({ distDir, data });
  };
  const common = reeve;
  try {
    await start();
    await reeve.setUp();
    const cookie = reeve.cookie();
    const call = (method: string, place: string) => reeve.call(method, place, undefined, { cookie });
    const { hostId, pairing } = await readyAgent('kept');
    await reeve.appliance.stop();
    await start('hosts');
    const agent = await connect(pairing);
    await agent.say<HelloAnswer>('hello', helloOf('kept'));
    expect((await call('GET', '/api/v1/hosts')).body.items).toMatchObject([{ id: hostId, name: 'kept' }]);
    await call('POST', `/api/v1/agents/${pairing.agentId}/revoke`);
    await reeve.appliance.stop();
    await start();
    expect((await call('GET', `/api/v1/hosts/${hostId}`)).body.statusReason).toBe('Its agent was revoked.');
    await reeve.appliance.stop();
    await start('users');
    expect(reeve.printed.join('')).toMatch(/The owner is lost.*docs\/users\.db.*backup/);
    await reeve.appliance.stop();
  } finally {
    reeve = common;
  }
});

test('a removed host is gone with its agent and its history', async () => {
  const { agent, hostId, pairing } = await readyAgent('removed');
  await ackOf(agent, frameOf(1));
  expect((await reeve.call('DELETE', `/api/v1/hosts/${hostId}`)).status).toBe(204);
  await until(() => agent.refusals.some(({ code }) => code === 'revoked'));
  expect((await reeve.call('GET', `/api/v1/hosts/${hostId}`)).status).toBe(404);
  expect((await reeve.call('GET', `/api/v1/history?hosts=${hostId}&from=1&to=2`)).status).toBe(404);
  expect((await connect(pairing)).refusals).toMatchObject([{ code: 'unauthenticated' }]);
});
