// bench: what the executables of the agent weigh, and what the one for this machine costs beside the script on the same Node.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
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
  node: string;
  size: number;
  files: { xz: { size: number }; gz: { size: number } };
}

/** Of all platforms; those that are missing, or of another agent than the built one, are made first, which takes a minute each. */
async function* sizes({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const { MOST_BYTES, PLATFORMS } = await load('platforms.mjs');
  const { buildExecutables } = await load('build.mjs');
  const platforms = isQuick ? [HERE] : Object.keys(PLATFORMS);
  await buildExecutables(platforms);
  for (const platform of platforms) {
    const record = readFileSync(join(ROOT, `dist/executables/${platform}.json`), 'utf8');
    const { node, size, files }: Record = JSON.parse(record);
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
  const file = join(folder, 'made');
  await makeExecutable(HERE, await makeBlob(script, folder), { folder, file });
  return { node: asInstalled(join(folder, 'node')), executable: asInstalled(file) };
}

/** A copy written piece by piece, as unpacking does: of a file written at once the kernel maps 28 MiB more into whoever runs it. */
function asInstalled(file: string): string {
  const copy = `${file}-installed`;
  execFileSync('sh', ['-c', 'cat "$1" >"$2" && chmod 755 "$2"', 'copy', file, copy]);
  return copy;
}

async function* costs(dir: string, { isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const own = await made(AGENT, join(dir, 'own'));
  const commands = [[own.executable], [own.node, ...AGENT_FLAGS, AGENT]];
  const [starts = [], ofScript = []] = await startsOf(commands, isQuick ? 3 : STARTS);
  const [ours, scripts] = [median(starts), median(ofScript)];
  const note = `median ${ours.toFixed(0)} ms beside ${scripts.toFixed(0)} ms, in turns, at a load of ${loadavg()[0]?.toFixed(0)} on ${cpus().length} processors`;
  yield {
    name: 'start to connected, beside the script on the same Node',
    value: ours / scripts,
    unit: 'times',
    atMost: 1.5,
    note,
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
  yield* sizes(options);
  const dir = makeDirectory('reeve-bench-');
  try {
    yield* costs(dir, options);
  } finally {
    removeDirectory(dir);
  }
}
