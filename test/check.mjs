// `npm run check`: everything that can be judged without running the product. The last line is a summary in JSON.
// `--staged` is the commit hook's quick form: only what is about to be committed.
import { ensureWorkplace } from '../image/prepare.mjs';
import { CHECKS } from './groups.mjs';
import { runCommand, TOOLS } from './helpers/command.mjs';
import { scanForSecrets } from './scans/secrets.mjs';

const HOUSE = {
  name: 'architecture, plug-ins, papers',
  command: [...TOOLS.vitest, 'run', '--project', 'unit', 'test/architecture'],
};

const STAGED = [
  {
    name: 'format and lint',
    command: [...TOOLS.biome, 'check', '--staged', '--no-errors-on-unmatched', '--error-on-warnings'],
  },
];

async function secrets({ staged }) {
  const startedAt = performance.now();
  const found = scanForSecrets({ staged });
  const output = found.map(({ place, rule }) => `${place}: ${rule}\n`).join('');
  return { code: found.length, output, ms: Math.round(performance.now() - startedAt) };
}

async function judge({ name, command }, options) {
  const { code, output, ms } = command ? await runCommand(command) : await secrets(options);
  const ok = code === 0;
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name} (${(ms / 1000).toFixed(1)} s)\n`);
  if (!ok) process.stdout.write(`${output.trimEnd()}\n`);
  return { name, ok, ms };
}

const staged = process.argv.includes('--staged');
await ensureWorkplace();
const checks = [];
for (const check of [...(staged ? STAGED : [...CHECKS, HOUSE]), { name: 'no secrets' }])
  checks.push(await judge(check, { staged }));
const ok = checks.every((check) => check.ok);
process.stdout.write(`${JSON.stringify({ ok, checks })}\n`);
process.exit(ok ? 0 : 1);
