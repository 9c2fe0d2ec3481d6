import { afterEach, expect, test } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { HostFacts } from '../../../protocol/agent-link.ts';
import type { Host } from '../../../protocol/hosts.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, type HandAgent } from '../../helpers/hand-agent.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { until } from '../../helpers/until.ts';

let bench: InProcess | undefined;
const agents: HandAgent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.close();
  await bench?.stop();
  bench = undefined;
});

const ROUTER_MAC = '02:77:00:00:00:01';

async function started() {
  bench = await startInProcess({ distDir: makeAgentDist() });
  const { call, https, setUp } = bench;
  await setUp();
  const agentOf = async (name: string, facts: Partial<HostFacts>) => {
    const { body } = (await call('POST', '/api/v1/agents/tokens', {})) as unknown as { body: { token: string } };
    const told: HostFacts = { ...someFacts, hostName: name, ...facts };
    const agent = await connectByHand(https, await pairWith(https, { token: body.token, name, facts: told }));
    agents.push(agent);
    const answer = await agent.say<{ hostId: string }>('hello', { agentVersion: '1.0.0', facts: told });
    if (!answer.ok) throw new Error(answer.error.message);
    return { agent, id: answer.value.hostId, tell: (more: object) => agent.socket.emit('facts', { ...told, ...more }) };
  };
  const read = async (id: string) => (await call('GET', `/api/v1/hosts/${id}`)).body as unknown as Host;
  const change = async (id: string, body: object) =>
    call('PATCH', `/api/v1/hosts/${id}`, { rev: (await read(id)).rev, ...body });
  const parent = (id: string, wanted: object | undefined) =>
    until(
      async () => {
        const { learntParent } = await read(id);
        return wanted === undefined
          ? learntParent === undefined
          : learntParent !== undefined && JSON.stringify(learntParent).startsWith(JSON.stringify(wanted).slice(0, -1));
      },
      { what: `the host depends on ${JSON.stringify(wanted)}` },
    );
  return { ...bench, agentOf, read, change, parent };
}

const way = { gateways: [{ address: '10.77.0.1', mac: ROUTER_MAC, isOnTheWay: true }] };

test('what a host depends on is learnt from its agent, taken off and taken back by a person, and goes with its parent', async () => {
  const { agentOf, read, change, parent, call } = await started();
  const router = (await call('POST', '/api/v1/hosts', { name: 'router', kind: 'push', macs: [ROUTER_MAC] }))
    .body as unknown as Host;
  const nas = await agentOf('nas', way);
  await parent(nas.id, { id: router.id, from: 'gateway', evidence: ROUTER_MAC });
  expect((await read(nas.id)).parentId).toBeUndefined();
  expect((await read(nas.id)).rev).toBe(1);

  expect((await change(nas.id, { learnsParent: false })).status).toBe(200);
  await parent(nas.id, undefined);
  expect((await change(nas.id, { learnsParent: null })).status).toBe(200);
  await parent(nas.id, { id: router.id });

  const circle = await change(router.id, { parentId: nas.id });
  expect(circle.status).toBe(200);
  await parent(nas.id, undefined);
  await change(router.id, { parentId: null });
  await parent(nas.id, { id: router.id });

  await call('DELETE', `/api/v1/hosts/${router.id}`);
  await parent(nas.id, undefined);
});

test('a guest is learnt while its machine stays connected; facts before hello, or of an odd form, change nothing', async () => {
  const { agentOf, read, parent } = await started();
  const guest = await agentOf('guest', { virtualisation: 'kvm', macs: ['02:77:00:00:00:09'] });
  const metal = await agentOf('metal', { macs: ['02:77:00:00:00:08'] });
  expect((await read(guest.id)).learntParent).toBeUndefined();
  metal.tell({ guestMacs: ['not a card'] });
  metal.tell({ guestMacs: Array.from({ length: 257 }, () => '02:77:00:00:00:09') });
  metal.tell({ guestMacs: ['02:77:00:00:00:09'] });
  await parent(guest.id, { id: metal.id, from: 'hypervisor', evidence: '02:77:00:00:00:09' });
  expect((await read(metal.id)).agentVersion).toBe('1.0.0');
});
