import { io, type Socket } from 'socket.io-client';
import type { Pairing } from '../../discovery/pairing/agent.ts';
import { signChallenge } from '../../discovery/pairing/challenge.ts';
import { pinnedAgent } from '../../discovery/pairing/pinned.ts';
import type {
  AgentToAppliance,
  Answer,
  ApplianceToAgent,
  Refusal,
  TopAnswer,
  TopProcesses,
} from '../../protocol/agent-link.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { someFacts } from './pairing-appliance.ts';
import { until } from './until.ts';

export interface HandAgent {
  socket: Socket<ApplianceToAgent, AgentToAppliance>;
  isReady(): boolean;
  refusals: Refusal[];
  watches: number[];
  intervals: number[];
  /** Sends any message and answers what came back. */
  say<T = unknown>(event: string, message?: unknown): Promise<Answer<T>>;
  close(): void;
}

export interface HandAgentOptions {
  signature?: string;
  protocol?: number;
  /** Does not answer `alive`: a connection whose other end is dead. */
  isDeaf?: boolean;
  /** What it says when it is asked for its processes. */
  processes?: TopAnswer;
}

export const someProcesses: TopProcesses = {
  overMs: 5_000,
  seen: 120,
  leftOut: 0,
  items: [{ pid: 4711, name: 'worker', user: 'www-data', cpu: 0.42, memoryBytes: 123_000_000 }],
};

/** An agent that says what a test tells it to, over real pinned TLS; resolves when it is ready or was refused. */
export async function connectByHand(url: string, pairing: Pairing, options: HandAgentOptions = {}): Promise<HandAgent> {
  const { applianceId, agentId, key } = pairing;
  const socket: Socket<ApplianceToAgent, AgentToAppliance> = io(`${url}/agents`, {
    transports: ['websocket'],
    agent: pinnedAgent(pairing) as unknown as string, // The types know only the browser's form.
    reconnection: false,
    forceNew: true,
  });
  let isReady = false;
  const agent: HandAgent = {
    socket,
    isReady: () => isReady,
    refusals: [],
    watches: [],
    intervals: [],
    say: (event, message) => {
      const args = message === undefined ? [] : [message];
      return (socket.timeout(5_000) as unknown as { emitWithAck(...all: unknown[]): Promise<never> }).emitWithAck(
        event,
        ...args,
      );
    },
    close: () => void socket.disconnect(),
  };
  socket.on('challenge', ({ nonce }, reply) => {
    const signature = options.signature ?? signChallenge({ applianceId, agentId, nonce }, key.privateKeyPem);
    reply({ protocol: options.protocol ?? PROTOCOL, agentId, signature });
  });
  socket.on('ready', () => {
    isReady = true;
  });
  socket.on('alive', (reply) => {
    if (!options.isDeaf) reply();
  });
  socket.on('processes', (reply) => reply(options.processes ?? { ok: true, value: someProcesses }));
  socket.on('refused', (error) => agent.refusals.push(error));
  socket.on('watch', ({ leaseMs }) => agent.watches.push(leaseMs));
  socket.on('interval', ({ intervalMs }) => agent.intervals.push(intervalMs));
  await until(() => isReady || agent.refusals.length > 0, { what: 'the agent is let in or refused' });
  return agent;
}

export const STREAM = 'stream-of-a-test';

/** Two series, as a collector would describe them. */
export const declared = {
  stream: STREAM,
  descriptors: [
    {
      id: 'system.cpu.utilization',
      title: 'CPU',
      unit: '1',
      kind: 'gauge',
      rollup: 'average',
      attributes: [],
      chart: { group: 'CPU', order: 1, style: 'area', card: 'cpu' },
    },
    { id: 'test.depth', title: 'Depth', unit: 'm', kind: 'gauge', rollup: 'average', attributes: ['side'] },
  ],
  series: [
    { ix: 0, metric: 'system.cpu.utilization', attributes: {} },
    { ix: 1, metric: 'test.depth', attributes: { side: 'left' } },
  ],
};

export const helloOf = (hostName = 'nas') => ({ agentVersion: '0.1.0', facts: { ...someFacts, hostName } });

/** A frame of the test's stream with a value for both series. */
export const frameOf = (seq: number, at = Date.now(), values: (number | null)[] = [0, 0.5, 1, seq]) => ({
  stream: STREAM,
  seq,
  at,
  mono: seq * 1_000,
  values,
});
