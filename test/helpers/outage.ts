import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import * as z from 'zod/mini';
import { OffsetClock } from '../../agent/clock.ts';
import { collector, type DescriptorInput } from '../../agent/collectors/collector.ts';
import { writeIdentity } from '../../agent/identity.ts';
import { openAgentLog } from '../../agent/log.ts';
import { type RunningAgent, startAgent } from '../../agent/main.ts';
import { SeriesTable } from '../../agent/series.ts';
import { SPOOL_BYTES, spoolFolder, spoolState } from '../../agent/spool/folder.ts';
import { Spool } from '../../agent/spool/spool.ts';
import type { Pairing } from '../../discovery/pairing/agent.ts';
import type { ApplianceToDashboard, DashboardToAppliance, LiveFrame } from '../../protocol/live.ts';
import { prepareFleet } from '../bench/paired-fleet.ts';
import { type RunningAppliance, startAppliance } from './appliance.ts';
import { makeDirectory, removeDirectory } from './directories.ts';
import { type Owner, signIn } from './owner.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

export interface OutagePlan {
  agents: number;
  /** Frames that each agent has on disk, one each 5 s. */
  frames: number;
  /** How long the agents try in vain before the appliance is back: the longer, the longer they pause between two tries. */
  awayMs: number;
}

export interface OutageResult {
  /** From the start of the appliance's process until every frame of the outage is durable. */
  backMs: number;
  /** From reading to the dashboard's socket, ms, of every frame that an agent read after it was back, until all had caught up. */
  latencies: number[];
  /** Frames of the outage that history answers with, of each host. */
  stored: number[];
}

const INTERVAL_MS = 5_000;
const VALUES = 40;
const MARGIN_MS = 1_000;
const CPU = 'system.cpu.utilization';

const descriptors: DescriptorInput[] = [
  {
    id: CPU,
    title: 'CPU',
    unit: '1',
    kind: 'gauge',
    rollup: 'average',
    chart: { group: 'cpu', order: 10, style: 'area', card: 'cpu' },
  },
  ...Array.from({ length: VALUES - 1 }, (_, at) => ({
    id: `test.value.${at}`,
    title: `Value ${at}`,
    unit: '1',
    kind: 'gauge' as const,
    rollup: 'average' as const,
  })),
];

/** Values as a machine has them: some move, some hardly ever. */
const valueAt = (ix: number, seq: number): number =>
  ix % 4 === 0
    ? Math.round(10_000 * Math.abs(Math.sin(seq / 7 + ix))) / 10_000
    : 1_000_000 + Math.floor(seq / (ix * 10));

function machine() {
  return collector({
    id: 'machine',
    title: 'Machine',
    settings: z.object({}),
    descriptors,
    read: {
      linux: () => {
        let seq = 0;
        return {
          read(put) {
            seq++;
            for (const [ix, { id }] of descriptors.entries()) put(id, valueAt(ix, seq));
          },
        };
      },
    },
  });
}

/** Writes the frames of an outage as the agent itself would have; the last was read at `endsAt`. */
async function fill(stateDir: string, owner: string, { frames, endsAt }: { frames: number; endsAt: number }) {
  const clock = new OffsetClock({ wall: Date.now(), mono: performance.now(), boot: () => performance.now() });
  const series = new SeriesTable(descriptors);
  for (const { id } of descriptors) series.indexOf(id, []);
  const spool = new Spool({ series, clock, log: openAgentLog('silent') });
  spool.open({ dir: spoolFolder(stateDir), mostBytes: SPOOL_BYTES, owner });
  for (let seq = 1; seq <= frames; seq++) {
    const values = descriptors.flatMap((_, ix) => [ix, valueAt(ix, seq)]);
    spool.current.add({ at: endsAt - (frames - seq) * INTERVAL_MS, mono: seq, values });
  }
  await spool.close();
}

/** Lives through an outage of the appliance: real agents with full spools, all of which come back to it. */
export async function liveThroughOutage(plan: OutagePlan): Promise<OutageResult> {
  const dataDir = makeDirectory('reeve-outage-');
  const stateDirs: string[] = [];
  const agents: RunningAgent[] = [];
  let appliance: RunningAppliance | undefined;
  try {
    const fleet = await prepareFleet(dataDir, plan.agents);
    const port = await freePort();
    const endsAt = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS;
    for (const pairing of fleet) {
      const stateDir = makeDirectory('reeve-outage-');
      stateDirs.push(stateDir);
      await prepareAgent(stateDir, pairing, { frames: plan.frames, endsAt, port });
    }
    for (const stateDir of stateDirs) agents.push(await startOne(stateDir));
    await pause(plan.awayMs);
    const returnedAt = performance.now();
    appliance = await startAppliance({ dataDir, env: { REEVE_HTTPS_PORT: String(port) } });
    const owner = await signIn(appliance);
    const watched = await watch(appliance, owner);
    const isBack = () => stateDirs.every((stateDir) => spoolState(stateDir).files === 0);
    await until(isBack, { timeoutMs: 180_000, everyMs: 50, what: 'every spool is empty' });
    const backMs = performance.now() - returnedAt;
    // A catching-up that is over before anybody has read again says nothing of the frames of now.
    await until(() => watched.hosts() >= plan.agents, { timeoutMs: 60_000, what: 'a frame of now from each agent' });
    watched.close();
    return { backMs, latencies: watched.latencies, stored: await storedFrames(owner, endsAt, plan.frames) };
  } finally {
    await Promise.all(agents.map((agent) => agent.stop()));
    await appliance?.stop();
    for (const dir of [dataDir, ...stateDirs]) removeDirectory(dir);
  }
}

async function prepareAgent(
  stateDir: string,
  pairing: Pairing,
  { port, ...outage }: { frames: number; endsAt: number; port: number },
): Promise<void> {
  writeIdentity(stateDir, { ...pairing, urls: [`https://127.0.0.1:${port}`] });
  await fill(stateDir, pairing.agentId, outage);
}

async function startOne(stateDir: string): Promise<RunningAgent> {
  const log = openAgentLog('silent');
  return startAgent({ stateDir, log, mdns: false, intervalMs: INTERVAL_MS, collectors: [machine()] });
}

/** Sits at a dashboard's socket and takes the time that frames of now need to come there. */
async function watch({ httpUrl }: RunningAppliance, { cookie }: Owner) {
  const socket: Socket<ApplianceToDashboard, DashboardToAppliance> = io(`${httpUrl}/live`, {
    transports: ['websocket'],
    extraHeaders: { cookie },
  });
  const latencies: number[] = [];
  const backAt = new Map<string, number>();
  const measured = new Set<string>();
  socket.on('card', ({ hostId, at, late, grade }: LiveFrame) => {
    const now = Date.now();
    if (late || grade !== 'durable') return;
    const since = backAt.get(hostId) ?? now;
    backAt.set(hostId, since);
    // What was read while there was no connection could not come sooner.
    if (at <= since) return;
    measured.add(hostId);
    latencies.push(now - at);
  });
  await until(() => socket.connected, { what: 'the dashboard is connected' });
  await socket.timeout(10_000).emitWithAck('fleet', {});
  return { latencies, hosts: () => measured.size, close: () => void socket.disconnect() };
}

async function storedFrames(owner: Owner, endsAt: number, frames: number): Promise<number[]> {
  // Measured clocks differ by a millisecond or two, and frames are moved by that.
  const [from, to] = [endsAt - (frames - 1) * INTERVAL_MS - MARGIN_MS, endsAt + MARGIN_MS];
  const counts: number[] = [];
  for (const { id } of await owner.hosts()) {
    const query = { from, to, metrics: CPU, maxPoints: 5_000, resolution: 'raw' };
    const { at } = await owner.history(id, query);
    counts.push(at.length);
  }
  return counts;
}
