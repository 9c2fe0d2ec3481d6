// bench: what the executables of the agent weigh, and what the one for this machine costs beside the script on the same Node.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';
import { AGENT } from '../helpers/agent.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { ROOT } from '../helpers/root.ts';
import { buildFastAgent, measureMemory } from './agent-memory.ts';
import { startsOf } from './agent-start.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { median } from './measure.ts';

const HERE = `${process.platform}-${process.arch}`;
const FRAMES = 6_000;
const STARTS = 9;

/** The build is plain JavaScript, and finds its files beside itself: so it is not bundled with this. */
const load = (name: string) => import(pathToFileURL(join(ROOT, 'image/executables', name)).href);

interface Record {
  platform: string;
  node: string;
  size: number;
  files: { xz: { size: number }; gz: { size: number } };
}

async function* sizes(): AsyncGenerator<Figure> {
  const { MOST_BYTES } = await load('platforms.mjs');
  const dir = join(ROOT, 'dist/executables');
  for (const name of readdirSync(dir).filter((file) => file.endsWith('.json'))) {
    const { platform, node, size, files }: Record = JSON.parse(readFileSync(join(dir, name), 'utf8'));
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const note = `${node}; by gzip ${megabytes(files.gz.size)} MB, unpacked ${megabytes(size)} MB`;
    yield {
      name: `fetched by a host, ${platform}`,
      value: files.xz.size / 1e6,
      unit: 'MB',
      atMost: MOST_BYTES / 1e6,
      note,
    };
  }
}

/** An executable of that script, and the Node that is in it. */
async function made(script: string, folder: string): Promise<{ node: string; executable: string }> {
  const { makeBlob, makeExecutable } = await load('make.mjs');
  mkdirSync(folder);
  const executable = join(folder, 'reeve-agent');
  await makeExecutable(HERE, await makeBlob(script, folder), { folder, file: executable });
  return { node: join(folder, 'node'), executable };
}

async function* costs(dir: string, { isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const own = await made(AGENT, join(dir, 'own'));
  const commands = [[own.executable], [own.node, ...AGENT_FLAGS, AGENT]];
  const [starts = [], ofScript = []] = await startsOf(commands, isQuick ? 3 : STARTS);
  const beside = `the script on the same Node, in turns with it: ${median(ofScript).toFixed(0)} ms`;
  yield {
    name: 'start to connected, executable',
    value: median(starts),
    unit: 'ms',
    atMost: 250,
    aim: 120,
    note: beside,
  };
  const fast = await made(await buildFastAgent(dir), join(dir, 'fast'));
  const frames = isQuick ? 600 : FRAMES;
  const { node, early, late, bare } = await measureMemory(fast.node, [fast.executable], frames);
  const how = `${frames} frames over TLS; the Node in it: ${node}`;
  yield { name: `memory after ${frames} frames (RSS), executable`, value: late, unit: 'MiB', aim: 50, note: how };
  const same = `same Node and flags: ${bare.toFixed(1)} MiB`;
  yield { name: '… beside a bare process', value: late / bare, unit: 'times', atMost: 1.6, note: same };
  yield { name: `… growth from frame ${Math.min(1_000, frames / 6)} on`, value: late - early, unit: 'MiB', atMost: 3 };
}

export async function* figures(options: BenchOptions): AsyncGenerator<Figure> {
  const { buildExecutables } = await load('build.mjs');
  await buildExecutables([HERE]);
  yield* sizes();
  const dir = makeDirectory('reeve-bench-');
  try {
    yield* costs(dir, options);
  } finally {
    removeDirectory(dir);
  }
}
