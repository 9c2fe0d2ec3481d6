// bench: 50 agents send 40 values a second over real TLS, and each frame is acknowledged when it is on disk.
import type { Pairing } from '../../discovery/pairing/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { cpuPercentDuring, cpuSeconds, quantile, residentMiB } from './measure.ts';
import { prepareFleet } from './paired-fleet.ts';
import { AGENTS, open, pace, type Sender, send, VALUES } from './senders.ts';

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
  // What is compiled and learnt at first would count twice as much as what it then takes for years.
  await pace(senders, isQuick ? 2 : 120);

  let acks: number[] = [];
  const percent = await cpuPercentDuring(appliance.pid, async () => {
    acks = await pace(senders, isQuick ? 5 : 60);
  });
  const what = `${AGENTS} agents × ${VALUES} values at 1 s, TLS, acknowledged after fdatasync; from the third minute on`;
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
