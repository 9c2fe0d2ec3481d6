// `npm run build`: sources → dist/appliance/{main,reeve}.js, dist/agent/agent.cjs and dist/web/. A size report closes it.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildAgent } from './build-agent.mjs';
import { buildAppliance } from './build-appliance.mjs';
import { buildWeb } from './build-web.mjs';
import { ROOT, sourceHash } from './prepare.mjs';

const quiet = process.argv.includes('--quiet');
const startedAt = performance.now();
const next = join(ROOT, `dist/.next-${process.pid}`);

const PARTS = [
  { name: 'appliance', entry: 'appliance/entry.ts', make: () => buildAppliance(join(next, 'appliance')) },
  { name: 'agent', entry: 'agent/entry.ts', make: () => buildAgent(join(next, 'agent')) },
  { name: 'web', entry: 'web-components/index.html', make: () => buildWeb(join(next, 'web')) },
];

function replace(part) {
  const target = join(ROOT, 'dist', part);
  const old = `${next}-old-${part}`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(join(next, part), target);
  rmSync(old, { recursive: true, force: true });
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

function report(part, result) {
  if (quiet) return;
  if (part === 'web') return process.stdout.write(`${result.report}\n`);
  const outputs = Object.values(result.metafile.outputs);
  const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0);
  process.stdout.write(
    `${part.padEnd(12)}${String(outputs.length).padStart(3)} files ${kilobytes(bytes).padStart(10)}\n`,
  );
}

mkdirSync(next, { recursive: true });
try {
  const sources = sourceHash();
  const record = { sources, parts: {} };
  const present = PARTS.filter(({ name, entry }) => {
    const there = existsSync(join(ROOT, entry));
    if (!there) process.stderr.write(`${name} is left out: there is no ${entry} yet.\n`);
    return there;
  });
  const results = await Promise.all(present.map(async (part) => ({ ...part, result: await part.make() })));
  for (const { name, result } of results) {
    replace(name);
    record.parts[name] = result.sizes ?? {};
    report(name, result);
  }
  mkdirSync(dirname(join(ROOT, 'dist/.build.json')), { recursive: true });
  writeFileSync(join(ROOT, 'dist/.build.json'), `${JSON.stringify(record, null, 2)}\n`);
  if (!quiet) process.stdout.write(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
} finally {
  rmSync(next, { recursive: true, force: true });
}
