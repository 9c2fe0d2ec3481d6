import { pairWith } from '../../discovery/pairing/client.ts';
import type { HelloAnswer } from '../../protocol/agent-link.ts';
import { connectByHand, type HandAgent } from './hand-agent.ts';
import { someFacts } from './pairing-appliance.ts';
import { until } from './until.ts';

/** A machine that does not exist, and how hard it works at which moment (0–1). */
export interface CostHost {
  name: string;
  cpuModel: string;
  tags?: string[];
  cpu(at: number): number;
  /** Cores that each container takes. */
  containers?: Record<string, number>;
}

export interface CostFleet {
  hosts: { hostId: string; agent: HandAgent; send(at: number): Promise<void> }[];
  close(): void;
}

const STEP_MS = 300_000;
const AT_ONCE = 120;
const gauge = { kind: 'gauge', rollup: 'average' } as const;

/** Pairs hosts by hand and sends what they did in so many days up to now, five minutes apart. */
export async function costFleet(
  {
    httpsUrl,
    request,
  }: {
    httpsUrl: string;
    request: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
  },
  hosts: readonly CostHost[],
  days: number,
): Promise<CostFleet> {
  const made: CostFleet['hosts'] = [];
  for (const host of hosts) {
    const token = (await request('POST', '/api/v1/agents/tokens', { name: host.name })).body as { token: string };
    const facts = {
      ...someFacts,
      hostName: host.name,
      cpuModel: host.cpuModel,
      cpuCores: 4,
      machineId: `machine-${host.name}`,
    };
    const pairing = await pairWith(httpsUrl, { token: token.token, name: host.name, facts });
    const agent = await connectByHand(httpsUrl, pairing);
    const hello = await agent.say<HelloAnswer>('hello', { agentVersion: '0.1.0', facts, intervalMs: STEP_MS });
    if (!hello.ok) throw new Error(hello.error.message);
    const { hostId } = hello.value;
    if (host.tags) {
      const { body } = await request('GET', `/api/v1/hosts/${hostId}`);
      await request('PATCH', `/api/v1/hosts/${hostId}`, { rev: (body as { rev: number }).rev, tags: host.tags });
    }
    const names = Object.keys(host.containers ?? {});
    const stream = `cost-${host.name}`;
    const declared = await agent.say('declare', {
      stream,
      descriptors: [
        {
          id: 'system.cpu.utilization',
          title: 'CPU',
          unit: '1',
          ...gauge,
          attributes: [],
          chart: { group: 'CPU', order: 1, card: 'cpu' },
        },
        {
          id: 'container.cpu.utilization',
          title: 'Container: processor, in cores',
          unit: '1',
          ...gauge,
          attributes: ['container.name'],
        },
      ],
      series: [
        { ix: 0, metric: 'system.cpu.utilization', attributes: {} },
        ...names.map((name, n) => ({
          ix: n + 1,
          metric: 'container.cpu.utilization',
          attributes: { 'container.name': name },
        })),
      ],
    });
    if (!declared.ok) throw new Error(declared.error.message);
    let seq = 0;
    const frame = (at: number) => {
      seq += 1;
      const values = [0, host.cpu(at), ...names.flatMap((name, n) => [n + 1, host.containers?.[name] ?? 0])];
      return { stream, seq, at, mono: seq * STEP_MS, values };
    };
    const say = async (frames: ReturnType<typeof frame>[]): Promise<void> => {
      // The appliance takes so many messages a second of one agent; what it refuses is said again.
      const sent = async () => (await agent.say('frames', { offsetMs: 0, frames })).ok;
      await until(sent, { everyMs: 100, what: `${host.name} is heard` });
    };
    const end = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    for (let at = end - days * 86_400_000; at <= end; at += AT_ONCE * STEP_MS) {
      const count = Math.min(AT_ONCE, Math.floor((end - at) / STEP_MS) + 1);
      await say(Array.from({ length: count }, (_, n) => frame(at + n * STEP_MS)));
    }
    made.push({ hostId, agent, send: (at) => say([frame(at)]) });
  }
  return { hosts: made, close: () => made.forEach(({ agent }) => void agent.close()) };
}
