import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { writeIdentity } from '../../agent/identity.ts';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { FakeGateway } from '../helpers/fake-gateway.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { ROOT } from '../helpers/root.ts';
import { median, residentMiB } from './measure.ts';

/** What is in RAM, MiB: of the agent after about 1,000 and after all frames, and of a process that does nothing. */
export interface Memory {
  node: string;
  early: number;
  late: number;
  bare: number;
}

const EARLY = 1_000;
const INTERVAL_MS = 10;
/** RSS is the median of the readings within so many frames of the count that is meant. */
const NEAR = 100;

/** Other binaries of Node to compare, from REEVE_BENCH_NODES; the one that runs this comes first. */
export const nodes = (): string[] => [
  process.execPath,
  ...(process.env.REEVE_BENCH_NODES ?? '').split(delimiter).filter((path) => path !== ''),
];

/** Builds the agent that hurries; answers its file. */
export async function buildFastAgent(outdir: string): Promise<string> {
  const { buildAgent } = await import(pathToFileURL(join(ROOT, 'image/build-agent.mjs')).href);
  await buildAgent(outdir, { entry: 'test/bench/fast-agent.ts' });
  return join(outdir, 'agent.cjs');
}

/**
 * Lets an agent send `frames` frames over TLS on that Node, beside a bare process of the same Node and flags. `command` starts the agent
 * that hurries.
 */
export async function measureMemory(node: string, command: readonly string[], frames: number): Promise<Memory> {
  const stateDir = makeDirectory('reeve-bench-');
  const gateway = new FakeGateway();
  await gateway.open();
  writeIdentity(stateDir, gateway.identity);
  const env = { REEVE_AGENT_STATE: stateDir, BENCH_INTERVAL_MS: String(INTERVAL_MS) };
  const bare = startProgram([node, ...AGENT_FLAGS, '-e', 'setInterval(() => {}, 60_000)']);
  const agent = startProgram(command, { env });
  try {
    const [early, late] = await readings(agent, gateway, frames);
    return { node: await versionOf(node), early, late, bare: residentMiB(bare.pid).now };
  } finally {
    await Promise.all([bare.kill(), agent.kill()]);
    await gateway.close();
    removeDirectory(stateDir);
  }
}

async function readings(agent: Program, gateway: FakeGateway, frames: number): Promise<[number, number]> {
  const near = (count: number) => (seen: { count: number }) => Math.abs(seen.count - count) <= NEAR;
  const seen: { count: number; rss: number }[] = [];
  for (let count = 0; count <= frames + NEAR; ) {
    if (!agent.isRunning()) throw new Error(`the agent ended: ${agent.output()}`);
    await pause(100);
    count = gateway.frames.length;
    seen.push({ count, rss: residentMiB(agent.pid).now });
  }
  const at = (count: number) => median(seen.filter(near(count)).map(({ rss }) => rss));
  return [at(Math.min(EARLY, frames / 6)), at(frames)];
}

async function versionOf(node: string): Promise<string> {
  const program = startProgram([node, '--version']);
  await program.ended();
  return program.output().trim().slice(1);
}
