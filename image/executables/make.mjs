import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../prepare.mjs';
import { strippedElf } from './elf.mjs';
import { signedMachO } from './macho.mjs';
import { bytesOf, unpackedPart } from './parts.mjs';
import { unsignedPe } from './pe.mjs';
import { INJECTOR, PLATFORMS } from './platforms.mjs';

/** Node looks for its script under this name, and only where this mark was set: documentation of Node, "Single executable applications". */
const RESOURCE = 'NODE_SEA_BLOB';
const HOW = { sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2', machoSegmentName: 'NODE_SEA' };

/** The options of Node that agents are started with. */
export async function agentFlags() {
  const options = { entryPoints: [join(ROOT, 'protocol/agent-flags.ts')], write: false, format: 'esm' };
  const { outputFiles } = await build(options);
  const { AGENT_FLAGS } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return [...AGENT_FLAGS];
}

/** Node for the machine that builds. */
function ownPart() {
  const name = `${process.platform}-${process.arch}`;
  if (!(name in PLATFORMS))
    throw new Error(`executables cannot be built on ${name}, for which there is no Node in the registry`);
  return PLATFORMS[name];
}

/** What Node's licence asks to be handed on with it. */
export const licenceOfNode = () => bytesOf({ ...ownPart(), inside: 'package/LICENSE' }).toString('utf8');

/**
 * Makes the resource that Node runs: the script and its options, and no way to give others by environment. Node itself writes it, in
 * the version that the executables carry; `folder` is for its files.
 */
export async function makeBlob(script, folder) {
  const here = ownPart();
  const node = unpackedPart(here, join(folder, process.platform === 'win32' ? 'node.exe' : 'node'));
  copyFileSync(script, join(folder, 'agent.cjs'));
  const settings = {
    main: 'agent.cjs',
    output: 'agent.blob',
    disableExperimentalSEAWarning: true,
    // Both are made for one processor and one set of options.
    useSnapshot: false,
    useCodeCache: false,
    execArgv: await agentFlags(),
    execArgvExtension: 'none',
  };
  writeFileSync(join(folder, 'agent.json'), JSON.stringify(settings));
  const { status, stderr } = spawnSync(node, ['--experimental-sea-config', 'agent.json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Node could not make the resource: ${stderr}`);
  return readFileSync(join(folder, 'agent.blob'));
}

/** Writes the executable of a platform that runs `blob`. */
export async function makeExecutable(platform, blob, { folder, file }) {
  const [system] = platform.split('-');
  const prepare = { linux: strippedElf, win32: unsignedPe }[system];
  const node = bytesOf(PLATFORMS[platform]);
  writeFileSync(file, prepare ? prepare(node) : node, { mode: 0o755 });
  const { inject } = createRequire(import.meta.url)(unpackedPart(INJECTOR, join(folder, 'postject.cjs')));
  await quietly(() => inject(file, RESOURCE, blob, HOW));
  if (system === 'darwin') writeFileSync(file, signedMachO(readFileSync(file), 'reeve-agent'));
}

/** It complains of sections that were left out on purpose. */
async function quietly(work) {
  const { warn, error, log } = console;
  const nothing = () => undefined;
  Object.assign(console, { warn: nothing, error: nothing, log: nothing });
  try {
    return await work();
  } finally {
    Object.assign(console, { warn, error, log });
  }
}
