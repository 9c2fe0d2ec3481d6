// bench: 50 agents send 40 values a second over real TLS, and each frame is acknowledged when it is on disk.
import { setTimeout as pause } from 'node:timers/promises';
import type { Pairing } from '../../discovery/pairing/agent.ts';
import type { Ack, Answer } from '../../protocol/agent-link.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { connectByHand, type HandAgent } from '../helpers/hand-agent.ts';
import { someFacts } from '../helpers/pairing-appliance.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { cpuPercentDuring, cpuSeconds, quantile, residentMiB } from './measure.ts';
import { prepareFleet } from './paired-fleet.ts';

const AGENTS = 50;
const VALUES = 40;
const STREAM = 'stream-of-bench';
const METRICS = Array.from({ length: VALUES }, (_, at) => `bench.value.${at}`);

const descriptors = METRICS.map((id) => ({
  id,
  title: id,
  unit: '1',
  kind: 'gauge',
  rollup: 'average',
  attributes: [],
}));
const series = METRICS.map((metric, ix) => ({ ix, metric, attributes: {} }));

/** Values as a machine has them: some move, some hardly ever. */
function valuesAt(seq: number, agent: number): number[] {
  return METRICS.flatMap((_, ix) => {
    const wave = Math.sin((seq + agent * 7) / (3 + ix));
    return [ix, ix % 4 === 0 ? Math.round(1e9 + 1e8 * wave) : Math.round(10_000 * Math.abs(wave)) / 10_000];
  });
}

const frameAt = (seq: number, agent: number, at: number) => ({
  stream: STREAM,
  seq,
  at,
  mono: seq * 1_000,
  values: valuesAt(seq, agent),
});

interface Sender {
  agent: HandAgent;
  index: number;
  seq: number;
}

async function open(url: string, pairing: Pairing, index: number): Promise<Sender> {
  const agent = await connectByHand(url, pairing);
  const facts = { ...someFacts, hostName: `agent-${index}` };
  const hello = await agent.say('hello', { agentVersion: '0.1.0', facts, intervalMs: 1_000 });
  const welcome = await agent.say('declare', { stream: STREAM, descriptors, series });
  if (!hello.ok || !welcome.ok) throw new Error(`agent ${index} was refused: ${JSON.stringify([hello, welcome])}`);
  return { agent, index, seq: 0 };
}

/** Sends the next frames of an agent in one message; resolves with the time to the durable acknowledgement. */
async function send(sender: Sender, count: number, firstAt: number): Promise<number> {
  const frames = Array.from({ length: count }, (_, at) => frameAt(++sender.seq, sender.index, firstAt + at * 1_000));
  const wanted = sender.seq;
  const startedAt = performance.now();
  const answer: Answer<Ack[]> = await sender.agent.say('frames', { offsetMs: 0, frames });
  const acked = answer.ok ? answer.value[0]?.ackedSeq : undefined;
  if (acked === undefined || acked < wanted) throw new Error(`not acknowledged: ${JSON.stringify(answer)}`);
  return performance.now() - startedAt;
}

/** Every agent sends one frame a second, all on the same tick, as real ones do so that one commit holds them all. */
async function pace(senders: readonly Sender[], seconds: number): Promise<number[]> {
  const waits: Promise<number>[] = [];
  const startedAt = performance.now();
  for (let second = 0; second < seconds; second++) {
    const at = Date.now();
    for (const sender of senders) waits.push(send(sender, 1, at));
    await pause(Math.max(0, startedAt + (second + 1) * 1_000 - performance.now()));
  }
  return Promise.all(waits);
}

/** As many frames as the appliance takes: each agent has messages of 60 frames under way all the time, as after an outage. */
async function flood(senders: readonly Sender[], seconds: number): Promise<number> {
  const endsAt = performance.now() + seconds * 1_000;
  let frames = 0;
  const one = async (sender: Sender): Promise<void> => {
    const base = Date.now() - 86_400_000;
    while (performance.now() < endsAt) {
      await send(sender, 60, base + sender.seq * 1_000);
      frames += 60;
    }
  };
  await Promise.all(senders.map((sender) => one(sender)));
  return frames;
}

async function* measure(
  appliance: RunningAppliance,
  fleet: Pairing[],
  { isQuick }: BenchOptions,
): AsyncGenerator<Figure> {
  const senders: Sender[] = [];
  for (const [index, pairing] of fleet.entries()) senders.push(await open(appliance.httpsUrl, pairing, index));
  await pace(senders, isQuick ? 2 : 20);

  let acks: number[] = [];
  const percent = await cpuPercentDuring(appliance.pid, async () => {
    acks = await pace(senders, isQuick ? 5 : 60);
  });
  const what = `${AGENTS} agents × ${VALUES} values at 1 s, TLS, acknowledged after fdatasync`;
  yield { name: 'CPU of the appliance', value: percent, unit: '% of a core', atMost: 2.6, aim: 2, note: what };
  const memory = residentMiB(appliance.pid);
  yield {
    name: 'memory (RSS)',
    value: memory.now,
    unit: 'MiB',
    atMost: 150,
    aim: 110,
    note: `peak ${memory.peak.toFixed(0)} MiB`,
  };
  yield { name: 'frame → durable acknowledgement, median', value: quantile(acks, 0.5), unit: 'ms' };
  yield {
    name: 'frame → durable acknowledgement, p95',
    value: quantile(acks, 0.95),
    unit: 'ms',
    note: 'group commit waits up to half an interval',
  };

  const [cpuBefore, before] = [cpuSeconds(appliance.pid), performance.now()];
  const frames = await flood(senders, isQuick ? 3 : 20);
  const cpu = cpuSeconds(appliance.pid) - cpuBefore;
  const seconds = (performance.now() - before) / 1_000;
  yield {
    name: 'highest rate, by wall clock',
    value: (frames * VALUES) / seconds,
    unit: 'values/s',
    note: 'sender on the same two cores',
  };
  yield {
    name: 'highest rate per core of the appliance',
    value: (frames * VALUES) / cpu,
    unit: 'values/s',
    aim: 1_000_000,
    note: 'messages of 60 frames, one under way for each agent',
  };
  yield { name: 'memory after the flood (RSS)', value: residentMiB(appliance.pid).now, unit: 'MiB' };
  for (const { agent } of senders) agent.close();
}

export async function* figures(options: BenchOptions): AsyncGenerator<Figure> {
  const dataDir = makeDirectory('reeve-bench-');
  try {
    const fleet = await prepareFleet(dataDir, AGENTS);
    const appliance = await startAppliance({ dataDir });
    try {
      yield* measure(appliance, fleet, options);
    } finally {
      await appliance.stop();
    }
  } finally {
    removeDirectory(dataDir);
  }
}
