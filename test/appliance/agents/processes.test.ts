import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pairing } from '../../../discovery/pairing/agent.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { HelloAnswer } from '../../../protocol/agent-link.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, type HandAgent, helloOf, someProcesses } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
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

/** A host with an agent that says this when it is asked; without `said` it never answers. */
async function host(name: string, said?: unknown) {
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name });
  const facts = { ...someFacts, hostName: name, machineId: name };
  const pairing: Pairing = await pairWith(reeve.https, { token: String(body.token), name, facts });
  const agent = await connectByHand(reeve.https, pairing);
  open.push(agent);
  let asked = 0;
  agent.socket.off('processes').on('processes', (reply) => {
    asked++;
    if (said !== undefined) reply(said as never);
  });
  const hello = await agent.say<HelloAnswer>('hello', helloOf(name));
  if (!hello.ok) throw new Error(hello.error.message);
  const path = `/api/v1/hosts/${hello.value.hostId}/processes`;
  return { agent, path, asked: () => asked, ask: () => reeve.call('GET', path) };
}

describe('the processes of a host', () => {
  test('are asked of its agent, once for all who look', async () => {
    const { ask, asked } = await host('busy', { ok: true, value: someProcesses });
    const answers = await Promise.all([ask(), ask(), ask()]);
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toMatchObject(someProcesses);
    }
    expect(asked()).toBe(1);
    await until(async () => (await ask()).status === 200 && asked() === 2, { timeoutMs: 10_000, what: 'asked anew' });
  });

  test.each([
    ['a reason', { ok: false, reason: 'ps: not allowed' }, 'ps: not allowed'],
    ['nonsense', { ok: true, value: { items: 'all' } }, 'something else'],
    [
      'too much',
      { ok: true, value: { ...someProcesses, items: Array(41).fill(someProcesses.items[0]) } },
      'something else',
    ],
    [
      'a name with control characters',
      { ok: true, value: { ...someProcesses, items: [{ pid: 1, name: 'a\u001b[2J', memoryBytes: 1 }] } },
      'something else',
    ],
  ])('are not made up where the agent says %s', async (_what, said, detail) => {
    const { ask } = await host('odd', said);
    const { status, body } = await ask();
    expect([status, body.code]).toEqual([503, 'host-unreachable']);
    expect(body.detail).toContain(detail);
  });

  test('are not to be had of a host that is away, or of no such host', async () => {
    const { agent, ask, asked } = await host('gone', { ok: true, value: someProcesses });
    agent.close();
    await until(async () => (await ask()).status === 503, { what: 'the appliance knows that it is away' });
    expect((await ask()).body).toMatchObject({ code: 'host-unreachable', detail: 'No agent of gone is connected' });
    expect(asked()).toBe(0);
    expect((await reeve.call('GET', '/api/v1/hosts/01890000-0000-7000-8000-000000000000/processes')).status).toBe(404);
  });

  test('of an agent that does not know the question end in a sentence, not in waiting', async () => {
    const { ask } = await host('old');
    const { status, body } = await ask();
    expect(status).toBe(503);
    expect(body.detail).toBe('The agent of old does not answer: it is busy, or older than this');
  }, 20_000);
});
