// The agent's half of the build: one CommonJS file with everything inside, that any Node ≥ 20 runs.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licencesOf, noting } from './licences.mjs';
import { onlyEnglish } from './only-english.mjs';
import { packed } from './packed.mjs';
import { ROOT } from './prepare.mjs';

/** Needed until the agent is paired or when it has lost its appliance, and where there is no /proc. */
const SELDOM = ['./joining.ts', './audit.ts', 'systeminformation/lib/cpu.js'];

/**
 * Writes `agent.cjs`, the licences of what is in it, its version and its installers into `outdir`; answers esbuild's result. Names are kept and lines are short,
 * so that a stack trace from somebody's machine can be read. Another `entry` makes another program of the same parts.
 */
export async function buildAgent(outdir, { entry = 'agent/entry.ts', seldom = SELDOM } = {}) {
  const folders = new Set();
  const options = {
    logLevel: 'error',
    // `import.meta` is empty in a CommonJS file: a mistake.
    logOverride: { 'empty-import-meta': 'error' },
    absWorkingDir: ROOT,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    keepNames: true,
    lineLimit: 200,
    legalComments: 'none',
    metafile: true,
    plugins: [onlyEnglish, noting(folders)],
  };
  const result = await build({
    ...options,
    entryPoints: { agent: entry },
    outdir,
    outExtension: { '.js': '.cjs' },
    plugins: [...options.plugins, packed(seldom, options)],
  });
  writeFileSync(join(outdir, 'agent.cjs.LEGAL.txt'), licencesOf(folders));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(outdir, 'release.json'), `${JSON.stringify({ version })}\n`);
  for (const name of ['install.sh', 'install.ps1']) copyFileSync(join(ROOT, 'agent/install', name), join(outdir, name));
  return result;
}
