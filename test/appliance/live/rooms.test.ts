import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { Host } from '../../../protocol/hosts.ts';
import type {
  ApplianceToDashboard,
  DashboardToAppliance,
  FleetState,
  HostState,
  LiveAnswer,
  LiveFrame,
} from '../../../protocol/live.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, declared, frameOf, type HandAgent, helloOf, STREAM } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { until } from '../../helpers/until.ts';

type Dashboard = Socket<ApplianceToDashboard, DashboardToAppliance>;

let reeve: InProcess;
let agent: HandAgent;
let hostId: string;
let seq = 0;
const dashboards: Dashboard[] = [];

beforeAll(async () => {
  reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: 'nas01' });
  const pairing = await pairWith(reeve.https, { token: String(body.token), name: 'nas01', facts: someFacts });
  agent = await connectByHand(reeve.https, pairing);
  const hello = await agent.say<{ hostId: string }>('hello', helloOf());
  hostId = hello.ok ? hello.value.hostId : '';
  await agent.say('declare', declared);
});
afterAll(async () => {
  for (const each of dashboards) each.close();
  agent.close();
  await reeve.stop();
});

async function dashboard(cookie = reeve.cookie(), headers: Record<string, string> = {}): Promise<Dashboard> {
  const socket: Dashboard = io(`${reeve.http}/live`, {
    transports: ['websocket'],
    extraHeaders: { cookie, ...headers },
    reconnection: false,
    forceNew: true,
  });
  dashboards.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

const say = <T>(socket: Dashboard, event: string, message: unknown): Promise<LiveAnswer<T>> =>
  (
    socket.timeout(3_000) as unknown as { emitWithAck(event: string, message: unknown): Promise<LiveAnswer<T>> }
  ).emitWithAck(event, message);

const send = (values?: (number | null)[], at = Date.now()) => {
  seq++;
  return agent.say('frames', { offsetMs: 0, frames: [frameOf(seq, at, values)] });
};

describe('the fleet', () => {
  test('comes whole, then by card values and changes', async () => {
    const socket = await dashboard();
    await send([0, 0.25, 1, 7]);
    const fleet = await say<FleetState>(socket, 'fleet', {});
    if (!fleet.ok) throw new Error(fleet.message);
    const [cpu] = fleet.value.series[hostId] ?? [];
    expect(fleet.value.hosts.map(({ name }) => name)).toEqual(['nas01']);
    expect(cpu?.metric).toBe('system.cpu.utilization');
    expect(fleet.value.frames.at(-1)?.values).toEqual([cpu?.id, 0.25]);
    expect(fleet.value.frames).toHaveLength(2);

    const cards: LiveFrame[] = [];
    socket.on('card', (frame) => cards.push(frame));
    await send([0, 0.75, 1, 8]);
    await until(() => cards.length === 1);
    expect(cards[0]?.values).toEqual([cpu?.id, 0.75]);

    const hosts: Host[] = [];
    socket.on('host', (host) => hosts.push(host));
    const { rev } = fleet.value.hosts[0] as Host;
    await reeve.call('PATCH', `/api/v1/hosts/${hostId}`, { rev, tags: ['storage'] });
    await until(() => hosts.some(({ tags }) => tags.includes('storage')));
  });

  test('hears of new metrics and series', async () => {
    const socket = await dashboard();
    await say(socket, 'fleet', {});
    const heard: string[] = [];
    socket.on('descriptors', (all) => heard.push(...all.map(({ id }) => id)));
    const metric = { id: 'test.new', title: 'New', unit: '1', kind: 'gauge', rollup: 'average', attributes: [] };
    await agent.say('declare', {
      stream: STREAM,
      descriptors: [metric],
      series: [{ ix: 2, metric: 'test.new', attributes: {} }],
    });
    await until(() => heard.includes('test.new'));
  });

  test('back-filled frames never stand for now', async () => {
    const socket = await dashboard();
    await say(socket, 'fleet', {});
    const cards: LiveFrame[] = [];
    socket.on('card', (frame) => cards.push(frame));
    await send([0, 0.99], Date.now() - 3_600_000);
    await send([0, 0.11]);
    await until(() => cards.length === 1);
    expect(cards[0]?.values.at(-1)).toBe(0.11);
  });
});

describe('a host page', () => {
  test('gets whole frames, quick ones too, and its agent is asked for them', async () => {
    const socket = await dashboard();
    const asked = agent.watches.length;
    const state = await say<HostState>(socket, 'watch', { hostId });
    if (!state.ok) throw new Error(state.message);
    expect(state.value.series.map(({ metric }) => metric)).toContain('test.depth');
    await until(() => agent.watches.length > asked);

    const frames: LiveFrame[] = [];
    socket.on('frame', (frame) => frames.push(frame));
    agent.socket.emit('watch', { stream: STREAM, at: Date.now(), values: [0, 0.5, 1, 99] });
    await until(() => frames.length === 1);
    expect(frames[0]).toMatchObject({ grade: 'watch', late: false, hostId });
    expect(frames[0]?.values).toContain(99);

    expect(await say(socket, 'unwatch', { hostId })).toEqual({ ok: true, value: null });
    await send();
    await say(socket, 'fleet', {});
    expect(frames).toHaveLength(1);
  });

  test('of a host that is not there, or is no id, is refused', async () => {
    const socket = await dashboard();
    expect(await say(socket, 'watch', { hostId: '01a1fde6-ad46-7220-ba11-911f0201b7a1' })).toMatchObject({
      ok: false,
      code: 'not-found',
    });
    for (const message of [{ hostId: '../..' }, { hostId: { $gt: '' } }, null, 'x']) {
      expect(await say(socket, 'watch', message)).toMatchObject({ ok: false, code: 'invalid-request' });
    }
  });
});

describe('who may listen', () => {
  test('nobody without a session, with a forged one, or from another page', async () => {
    await expect(dashboard('')).rejects.toThrow('not-signed-in');
    await expect(dashboard('reeve=a.b.c')).rejects.toThrow('not-signed-in');
    await expect(dashboard(reeve.cookie(), { origin: 'http://evil.example' })).rejects.toThrow();
    await expect(dashboard(reeve.cookie(), { host: 'evil.example' })).rejects.toThrow();
  });

  test('too many messages are refused, and the socket stays', async () => {
    const socket = await dashboard();
    const answers = await Promise.all(Array.from({ length: 40 }, () => say(socket, 'fleet', {})));
    expect(answers.some((answer) => !answer.ok && answer.code === 'too-many-requests')).toBe(true);
    expect(socket.connected).toBe(true);
  });

  test('a session that is ended takes its sockets with it', async () => {
    const { cookie } = { cookie: reeve.cookie() };
    reeve.forgetCookie();
    await reeve.call('POST', '/api/v1/session', { userName: 'owner', password: 'correct horse' });
    const [kept, ended] = [await dashboard(cookie), await dashboard()];
    let wasTold = false;
    ended.on('ended', () => {
      wasTold = true;
    });
    await reeve.call('DELETE', '/api/v1/session');
    await until(() => !ended.connected);
    expect([wasTold, kept.connected]).toEqual([true, true]);
  });
});
