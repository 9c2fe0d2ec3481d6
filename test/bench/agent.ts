// bench: what an agent costs the machine that it watches, beside prometheus-node-exporter and a process that does nothing.
import { setTimeout as pause } from 'node:timers/promises';
import { writeIdentity } from '../../agent/identity.ts';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';
import { AGENT } from '../helpers/agent.ts';
import { startAppliance } from '../helpers/appliance.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { buildFastAgent, type Memory, measureMemory, nodes } from './agent-memory.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { cpuPercentDuring, median, residentMiB } from './measure.ts';
import { type Exporter, startExporter } from './node-exporter.ts';
import { prepareFleet } from './paired-fleet.ts';

const SETTLE_MS = 15_000;
const FRAMES = 6_000;

interface Pair {
  seconds: number;
  agent: Program;
  exporter: Exporter;
}

interface Cost {
  cpu: number;
  rss: number;
}

/** Both at the same interval and for the same time; the exporter's share of the work is being asked. */
async function measurePair({ seconds, agent, exporter }: Pair, samples: number): Promise<{ ours: Cost; theirs: Cost }> {
  let theirs = 0;
  const ours = await cpuPercentDuring(agent.pid, async () => {
    theirs = await cpuPercentDuring(exporter.pid, async () => {
      for (let sample = 0; sample < samples; sample++) {
        await exporter.scrape();
        await pause(seconds * 1_000);
      }
    });
  });
  return {
    ours: { cpu: ours, rss: residentMiB(agent.pid).now },
    theirs: { cpu: theirs, rss: residentMiB(exporter.pid).now },
  };
}

async function open(hub: string, identity: Parameters<typeof writeIdentity>[1], seconds: number): Promise<Pair> {
  const stateDir = makeDirectory('reeve-bench-');
  writeIdentity(stateDir, identity);
  const command = [process.execPath, ...AGENT_FLAGS, AGENT, '--hub', hub, '--interval', `${seconds}s`];
  const agent = startProgram(command, { env: { REEVE_AGENT_STATE: stateDir, REEVE_MDNS: 'off' } });
  return { seconds, agent, exporter: await startExporter() };
}

function* costs(seconds: number, { ours, theirs }: { ours: Cost; theirs: Cost }, samples: number): Generator<Figure> {
  const beside = `${samples} samples over TLS to the appliance; node_exporter (minimal collectors, scraped as often) ${theirs.cpu.toFixed(3)} %, ${(ours.cpu / theirs.cpu).toFixed(2)} of it`;
  yield {
    name: `CPU at ${seconds} s`,
    value: ours.cpu,
    unit: '% of a core',
    // Which of the two is the easier one depends on the machine.
    ...(seconds === 5 && { atMost: Math.max(0.05, 0.6 * theirs.cpu) }),
    note: beside,
  };
  yield {
    name: `memory at ${seconds} s (RSS)`,
    value: ours.rss,
    unit: 'MiB',
    note: `node_exporter ${theirs.rss.toFixed(1)} MiB`,
  };
}

async function* cpuFigures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const dataDir = makeDirectory('reeve-bench-');
  const pairs: Pair[] = [];
  const fleet = await prepareFleet(dataDir, 2);
  const appliance = await startAppliance({ dataDir });
  try {
    for (const [index, seconds] of [1, 5].entries()) {
      const pairing = fleet[index];
      if (pairing) pairs.push(await open(appliance.httpsUrl, { ...pairing, urls: [] }, seconds));
    }
    await pause(isQuick ? 2_000 : SETTLE_MS);
    const samples = (seconds: number) => (isQuick ? Math.ceil(10 / seconds) : 620 / seconds);
    const measured = await Promise.all(
      pairs.map(async (pair) => ({ pair, costs: await measurePair(pair, samples(pair.seconds)) })),
    );
    for (const { pair, costs: both } of measured) {
      if (!pair.agent.isRunning()) throw new Error(`an agent ended: ${pair.agent.output()}`);
      yield* costs(pair.seconds, both, samples(pair.seconds));
    }
  } finally {
    await Promise.all(pairs.flatMap(({ agent, exporter }) => [agent.kill(), exporter.kill()]));
    await appliance.stop();
    removeDirectory(dataDir);
  }
}

function* memoryFigures(
  runs: readonly Memory[],
  { isGated, frames }: { isGated: boolean; frames: number },
): Generator<Figure> {
  const of = (value: (run: Memory) => number) => median(runs.map(value));
  const [late, bare] = [of((run) => run.late), of((run) => run.bare)];
  const name = `Node ${runs[0]?.node}`;
  const how = `${frames} frames over TLS, one each 10 ms instead of each 5 s${runs.length > 1 ? `, median of ${runs.length} runs` : ''}; flags ${AGENT_FLAGS.join(' ')}`;
  yield { name: `memory after ${frames} frames (RSS), ${name}`, value: late, unit: 'MiB', aim: 50, note: how };
  yield {
    name: `… beside a bare process, ${name}`,
    value: late / bare,
    unit: 'times',
    ...(isGated && { atMost: 1.6 }),
    note: `same Node and flags: ${bare.toFixed(1)} MiB`,
  };
  yield {
    name: `… growth from frame ${Math.min(1_000, frames / 6)} on, ${name}`,
    value: of((run) => run.late - run.early),
    unit: 'MiB',
    ...(isGated && { atMost: 3 }),
  };
}

/** The Node that runs this is the one that ships: its figures are judged, those of others are for comparison. */
async function* memory({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const frames = isQuick ? 600 : FRAMES;
  const dir = makeDirectory('reeve-bench-');
  try {
    const script = await buildFastAgent(dir);
    for (const [index, node] of nodes().entries()) {
      const runs: Memory[] = [];
      for (let run = 0; run < (isQuick || index > 0 ? 1 : 3); run++)
        runs.push(await measureMemory(node, script, frames));
      yield* memoryFigures(runs, { isGated: index === 0, frames });
    }
  } finally {
    removeDirectory(dir);
  }
}

export async function* figures(options: BenchOptions): AsyncGenerator<Figure> {
  yield* memory(options);
  yield* cpuFigures(options);
}
