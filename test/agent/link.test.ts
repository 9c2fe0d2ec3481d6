import { readFileSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import * as z from 'zod/mini';
import { type Collector, collector } from '../../agent/collectors/collector.ts';
import { connect } from '../../agent/connect.ts';
import { type Identity, identityPath, readIdentity, writeIdentity } from '../../agent/identity.ts';
import { type RunningAgent, type StartAgentOptions, startAgent } from '../../agent/main.ts';
import { FakeGateway } from '../helpers/fake-gateway.ts';
import { keptLog } from '../helpers/machine.ts';
import { makeDirectory, removeDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

/** Counts its readings, and has as many series as `names`. */
function counting(names: string[] = []): Collector {
  let reads = 0;
  return collector({
    id: 'counting',
    title: 'Counting',
    settings: z.object({}),
    descriptors: [
      { id: 'count', title: 'Count', unit: '1', kind: 'gauge', rollup: 'last' },
      { id: 'each', title: 'Each', unit: '1', kind: 'gauge', rollup: 'last', attributes: ['name'] },
    ],
    read: {
      linux: () => ({
        read(put) {
          put('count', ++reads);
          for (const name of names) put('each', 1, name);
        },
      }),
    },
  });
}

type Test = Pick<TestContext, 'onTestFinished'>;

async function gateway({ onTestFinished }: Test): Promise<FakeGateway> {
  const open = new FakeGateway();
  await open.open();
  onTestFinished(() => open.close());
  return open;
}

/** `isFree`: the appliance decides on the interval. */
type Options = { identity?: Partial<Identity>; isFree?: boolean } & Partial<StartAgentOptions>;

/** An agent that is paired with this gateway, and reads ten times a second. */
async function agentOf({ onTestFinished }: Test, hub: FakeGateway, options: Options = {}) {
  const { identity, isFree, ...rest } = options;
  const stateDir = makeDirectory();
  onTestFinished(() => removeDirectory(stateDir));
  writeIdentity(stateDir, { ...hub.identity, ...identity });
  const log = keptLog();
  const agent: RunningAgent = await startAgent({
    stateDir,
    log,
    mdns: false,
    collectors: [counting()],
    ...(!isFree && { intervalMs: 100 }),
    ...rest,
  });
  onTestFinished(() => agent.stop());
  return { agent, log, stateDir };
}

const counts = (hub: FakeGateway) => hub.frames.map((frame) => hub.named(frame).count);
const seqs = (hub: FakeGateway) => hub.frames.map(({ seq }) => seq);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe.concurrent('an agent and its appliance', { timeout: 20_000 }, () => {
  it('proves its key, says what it is, declares its series and sends frames in order', async (test) => {
    const hub = await gateway(test);
    const { stateDir } = await agentOf(test, hub, { machineId: 'm-1' });
    await until(() => hub.frames.length >= 3, { what: 'three frames' });
    expect(hub.sessions).toBe(1);
    expect(hub.hellos[0]).toMatchObject({ agentVersion: '0.1.0', facts: { platform: 'linux', machineId: 'm-1' } });
    expect(counts(hub)).toEqual(upTo(hub.frames.length));
    expect(seqs(hub)).toEqual(upTo(hub.frames.length));
    expect(readIdentity(stateDir)?.urls).toEqual([hub.url]);
  });

  it('sends its messages unmasked: TLS ends at the appliance, and a mask is work for each byte', async (test) => {
    const hub = await gateway(test);
    await agentOf(test, hub);
    await until(() => hub.frames.length >= 1, { what: 'a frame' });
    // What ws has kept of the last message.
    const transport = hub.sockets[0]?.conn.transport as unknown as { socket: { _receiver: { _mask: Buffer } } };
    expect(transport.socket._receiver._mask).toEqual(Buffer.alloc(4));
  });

  it('ticks on multiples of its interval in appliance time, also where its clock is an hour behind', async (test) => {
    const hub = await gateway(test);
    hub.aheadMs = 3_600_400;
    await agentOf(test, hub, { intervalMs: 1_000 });
    await until(() => hub.frames.length >= 4, { what: 'four frames' });
    const [, , third, fourth] = hub.frames;
    for (const frame of [third, fourth]) {
      const beside = ((frame?.at ?? 0) + 3_600_400) % 1_000;
      expect(Math.min(beside, 1_000 - beside)).toBeLessThan(200);
    }
    for (const offset of hub.offsets) expect(Math.abs(offset - 3_600_400)).toBeLessThan(250);
  });

  it('declares a series that appears later before the first frame that has it', async (test) => {
    const hub = await gateway(test);
    const names = ['a'];
    await agentOf(test, hub, { collectors: [counting(names)] });
    await until(() => hub.frames.length >= 1, { what: 'a frame' });
    names.push('b');
    const frame = await until(() => hub.frames.find((each) => 'each{name="b"}' in hub.named(each)), {
      what: 'series b',
    });
    expect(hub.named(frame)).toMatchObject({ 'each{name="a"}': 1, 'each{name="b"}': 1 });
    expect(seqs(hub)).toEqual(upTo(hub.frames.length));
  });

  it('sends again what was not acknowledged when the connection was lost: nothing is missing, nothing double', async (test) => {
    const hub = await gateway(test);
    await agentOf(test, hub);
    await until(() => hub.frames.length >= 1, { what: 'a frame' });
    hub.isHolding = true;
    const [state] = hub.streams.values();
    await until(() => (state?.highest ?? 0) >= (state?.durable ?? 0) + 2, { what: 'frames without acknowledgement' });
    // What was not durable is lost with the appliance.
    state?.frames.splice(state.durable);
    if (state) state.highest = state.durable;
    hub.isHolding = false;
    hub.drop();
    await until(() => hub.sessions >= 2 && hub.frames.length >= 4, { what: 'the frames again' });
    expect(counts(hub)).toEqual(upTo(hub.frames.length));
    expect(hub.skips).toEqual([]);
  });

  it('loses and doubles nothing of what it sent without asking when the connection is lost', async (test) => {
    const hub = await gateway(test);
    hub.askMs = 60_000;
    await agentOf(test, hub);
    const [state] = await until(() => hub.frames.length >= 5 && [...hub.streams.values()], { what: 'five frames' });
    const asked = hub.asked;
    await until(() => hub.frames.length >= 15, { what: 'ten more' });
    expect(hub.asked).toBe(asked);
    // What was not durable is lost with the appliance.
    state?.frames.splice(10);
    if (state) state.highest = state.durable = 10;
    hub.drop();
    await until(() => hub.sessions >= 2 && hub.frames.length >= 25, { what: 'the frames again' });
    expect(counts(hub)).toEqual(upTo(hub.frames.length));
    expect(hub.skips).toEqual([]);
  });

  it('comes back to an appliance that was away, with everything it read meanwhile', async (test) => {
    const hub = await gateway(test);
    const { log } = await agentOf(test, hub);
    await until(() => hub.frames.length >= 1, { what: 'a frame' });
    await hub.close();
    await until(() => log.lines.some((line) => line.includes('cannot be reached')), { what: 'the loss is noticed' });
    await hub.open();
    await until(() => hub.sessions >= 2 && hub.frames.length >= 3, { what: 'the frames of the meantime' });
    expect(counts(hub)).toEqual(upTo(hub.frames.length));
  });

  it('says once, not at every try, that the appliance cannot be reached', async (test) => {
    const hub = await gateway(test);
    await hub.close();
    const { log } = await agentOf(test, hub);
    await until(() => log.lines.length > 0, { what: 'the failure in the log' });
    const tries = performance.now();
    await until(() => performance.now() - tries > 2_500, { what: 'two more tries' });
    expect(log.lines.filter((line) => line.includes('not connected'))).toHaveLength(1);
  });

  it('reports frames that an appliance restored from a backup no longer has, and goes on', async (test) => {
    const hub = await gateway(test);
    await agentOf(test, hub);
    await until(() => hub.frames.length >= 4, { what: 'four frames' });
    const [state] = hub.streams.values();
    const had = state?.frames.length ?? 0;
    state?.frames.splice(1);
    if (state) state.highest = state.durable = 1;
    hub.drop();
    await until(() => hub.skips.length > 0 && hub.frames.length >= 3, { what: 'a skip and later frames' });
    expect(hub.skips[0]).toMatchObject({ fromSeq: 2, reason: 'appliance-restored' });
    expect(hub.skips[0]?.toSeq).toBeGreaterThanOrEqual(had);
  });

  it('sends samples in between while somebody watches, and none after', async (test) => {
    const hub = await gateway(test);
    hub.intervalMs = 10_000;
    await agentOf(test, hub, { isFree: true });
    await until(() => hub.frames.length >= 1, { what: 'the first frame' });
    hub.sockets[0]?.emit('watch', { intervalMs: 1_000, leaseMs: 2_500 });
    await until(() => hub.watched.length >= 2, { what: 'two samples' });
    const [first, second] = hub.watched;
    const beside = ((second?.at ?? 0) - (first?.at ?? 0)) % 1_000;
    expect(Math.min(beside, 1_000 - beside)).toBeLessThan(200);
    expect(hub.named(first as never)).toHaveProperty('count');
    const settledAt = performance.now() + 4_500;
    await until(() => performance.now() > settledAt, { what: 'the lease to end' });
    const seen = hub.watched.length;
    expect(seen).toBeLessThanOrEqual(3);
    expect(seqs(hub)).toEqual(upTo(hub.frames.length));
  });

  it('takes up the interval that the owner sets, but not against its own flag', async (test) => {
    const hub = await gateway(test);
    hub.intervalMs = 60_000;
    const free = await agentOf(test, hub, { isFree: true });
    await until(() => hub.frames.length === 1, { what: 'the first frame' });
    hub.sockets[0]?.emit('interval', { intervalMs: 1_000 });
    await until(() => hub.frames.length >= 3, { what: 'frames at 1 s' });
    await free.agent.stop();
    await agentOf(test, hub, { intervalMs: 300_000 });
    await until(() => hub.sessions === 2 && hub.hellos.length === 2, { what: 'the second agent' });
    expect(hub.hellos[1]?.intervalMs).toBe(300_000);
    const count = hub.frames.length;
    hub.sockets.at(-1)?.emit('interval', { intervalMs: 1_000 });
    const waitedAt = performance.now() + 2_500;
    await until(() => performance.now() > waitedAt, { what: 'two intervals' });
    expect(hub.frames.length).toBeLessThanOrEqual(count + 1);
  });

  it('answers that it is alive, so that a clone of it is found out', async (test) => {
    const hub = await gateway(test);
    await agentOf(test, hub);
    const socket = await until(() => hub.sockets[0], { what: 'a session' });
    await expect(socket.timeout(2_000).emitWithAck('alive')).resolves.toBeUndefined();
  });

  it('logs why it is refused, once, and does not ask again soon', async (test) => {
    const hub = await gateway(test);
    hub.refusal = { code: 'revoked', message: 'This agent was revoked in the dashboard' };
    const { log } = await agentOf(test, hub);
    await until(() => log.lines.length > 0, { what: 'the refusal in the log' });
    const before = hub.connections;
    const waitedAt = performance.now() + 2_500;
    await until(() => performance.now() > waitedAt, { what: 'the time of two usual tries' });
    expect(hub.connections).toBe(before);
    expect(log.lines.filter((line) => line.includes('revoked in the dashboard'))).toHaveLength(1);
  });

  it('is expelled in the middle of a session with the reason in its log', async (test) => {
    const hub = await gateway(test);
    const { log } = await agentOf(test, hub);
    const socket = await until(() => hub.sockets[0], { what: 'a session' });
    socket.emit('refused', { code: 'quarantined', message: 'Two machines use this key' });
    socket.disconnect(true);
    await until(() => log.lines.some((line) => line.includes('Two machines use this key')), { what: 'the reason' });
  });

  it('never speaks to another appliance at the same address, whatever it shows', async (test) => {
    const [hub, impostor] = [await gateway(test), await gateway(test)];
    await expect(connect(impostor.url, hub.identity)).rejects.toMatchObject({ code: 'impostor' });
    expect(impostor.sessions).toBe(0);
    expect(impostor.connections).toBe(0);
  });

  it('signs no challenge of another appliance id, even behind the right certificate', async (test) => {
    const hub = await gateway(test);
    hub.instead.challenge = [{ protocol: 1, applianceId: 'another', nonce: 'x'.repeat(43) }];
    await expect(connect(hub.url, hub.identity)).rejects.toMatchObject({ code: 'impostor' });
  });

  it('says which side has to be updated when the protocols differ', async (test) => {
    const hub = await gateway(test);
    hub.instead.challenge = [{ protocol: 99, applianceId: hub.applianceId, nonce: 'x'.repeat(43) }];
    await expect(connect(hub.url, hub.identity)).rejects.toThrow('update the agent');
  });

  it('tries a known address after one that no longer answers, and keeps the one that does', async (test) => {
    const hub = await gateway(test);
    const { stateDir } = await agentOf(test, hub, { identity: { urls: ['https://127.0.0.1:1', hub.url] } });
    await until(() => hub.sessions === 1, { what: 'a session' });
    await until(() => readIdentity(stateDir)?.urls[0] === hub.url, { what: 'the address to be kept' });
    expect(readFileSync(identityPath(stateDir), 'utf8')).toContain('https://127.0.0.1:1');
  });

  it('says goodbye when it is stopped, and leaves its state folder to others', async (test) => {
    const hub = await gateway(test);
    const { agent, stateDir } = await agentOf(test, hub);
    const socket = await until(() => hub.sockets[0], { what: 'a session' });
    const reason = new Promise((resolve) => socket.once('disconnect', resolve));
    await agent.stop();
    expect(await reason).toBe('client namespace disconnect');
    const next = await startAgent({ stateDir, log: keptLog(), mdns: false, collectors: [counting()] });
    await until(() => hub.sessions === 2, { what: 'the next agent' });
    await next.stop();
  });
});

describe.concurrent('an appliance that misbehaves', { timeout: 20_000 }, () => {
  it.for([
    ['refuses frames for want of storage', { ok: false, error: { code: 'storage', message: 'disk full' } }],
    ['has forgotten the declaration', { ok: false, error: { code: 'undeclared', message: 'declare first' } }],
    ['is too busy', { ok: false, error: { code: 'busy', message: 'wait' } }],
    ['answers nonsense', 'x'.repeat(10_000)],
    ['acknowledges with odd numbers', { ok: true, value: [{ stream: 'a', ackedSeq: -5 }] }],
    ['answers null', { ok: true, value: null }],
  ])('%s: nothing is lost', async ([_what, answer], test) => {
    const hub = await gateway(test);
    hub.instead.frames = [answer];
    await agentOf(test, hub);
    await until(() => hub.frames.length >= 3, { what: 'frames after the refusal' });
    expect(counts(hub)).toEqual(upTo(hub.frames.length));
  });

  it('refuses one frame as invalid: that one is left out and named, the others arrive', async (test) => {
    const hub = await gateway(test);
    const invalid = { ok: false, error: { code: 'invalid', message: 'values.3: odd' } };
    hub.instead.frames = [invalid, invalid];
    const { log } = await agentOf(test, hub);
    await until(() => hub.frames.length >= 2, { what: 'the others' });
    expect(hub.skips).toMatchObject([{ reason: 'damaged', fromSeq: 1, toSeq: 1 }]);
    expect(log.lines.some((line) => line.startsWith('error') && line.includes('values.3: odd'))).toBe(true);
  });

  it('answers hello with an interval of 1 ms: the connection is given up, not the agent', async (test) => {
    const hub = await gateway(test);
    hub.instead.hello = [{ ok: true, value: { hostId: 'x', intervalMs: 1, at: Date.now() } }];
    const { log } = await agentOf(test, hub);
    await until(() => hub.frames.length >= 1, { what: 'frames on the next connection' });
    expect(log.lines.some((line) => line.includes('of no use'))).toBe(true);
    expect(hub.sessions).toBe(2);
  });

  it('sends odd events: they are ignored', async (test) => {
    const hub = await gateway(test);
    await agentOf(test, hub);
    const socket = await until(() => hub.sockets[0], { what: 'a session' });
    const emit = (event: string, ...args: unknown[]) =>
      (socket.emit as (name: string, ...all: unknown[]) => void).call(socket, event, ...args);
    for (const odd of [undefined, null, 5, 'x', [], {}, { intervalMs: -1, leaseMs: 1e12 }]) {
      emit('watch', odd);
      emit('interval', odd);
      emit('alive', odd);
    }
    const count = hub.frames.length;
    await until(() => hub.frames.length >= count + 5, { what: 'more frames' });
    expect(hub.sessions).toBe(1);
  });
});
