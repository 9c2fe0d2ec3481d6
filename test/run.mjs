// `npm test [-- GROUP …]`: installs and builds what is missing, runs the groups, and closes with `N passed, N failed`.
// REEVE_TEST_STRICT=1: a group or test that is left out counts as failed, and one that fails gets a second try and is named for it:
// a CI's machine is shared, and what is said of a change must not hang on its neighbours. REEVE_TEST_INSTALL=0: installs no system packages.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureWorkplace, ROOT } from '../image/prepare.mjs';
import { BROWSER_COVERAGE, coverageResults } from './coverage.mjs';
import { CHECKS, GROUPS, missingPackages } from './groups.mjs';
import { runCommand, TOOLS } from './helpers/command.mjs';
import { installPackages } from './install.mjs';
import { countReport } from './report.mjs';
import { scanDependencies } from './scans/dependencies.mjs';
import { scanForSecrets } from './scans/secrets.mjs';

const OUTPUT = join(ROOT, 'test/output');
const strict = process.env.REEVE_TEST_STRICT === '1';
const say = (text) => process.stdout.write(`${text}\n`);

/** What somebody has set for a Reeve of their own must not reach the tests. */
for (const name of Object.keys(process.env)) {
  if (name.startsWith('REEVE_') && !name.startsWith('REEVE_TEST_')) delete process.env[name];
}

const none = () => ({ passed: 0, failed: 0, skipped: 0, notes: [] });

/** Counts results of the form `{ name, ok, stated?, output? }` and shows each. */
function count(results) {
  const sum = none();
  for (const { name, ok, stated, output } of results) {
    sum[ok ? 'passed' : 'failed'] += 1;
    say(`${ok ? 'ok  ' : 'FAIL'} ${name}${stated ? ` (${stated})` : ''}`);
    if (!ok && output) say(output.trimEnd());
    if (!ok) sum.notes.push(name);
  }
  return sum;
}

const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  notes: [...a.notes, ...b.notes],
});

async function runChecks() {
  const results = [];
  for (const { name, command } of CHECKS) {
    const { code, output } = await runCommand(command);
    results.push({ name, ok: code === 0, output });
  }
  const secrets = scanForSecrets();
  const output = secrets.map(({ place, rule }) => `${place}: ${rule}`).join('\n');
  return count([...results, { name: 'no secrets', ok: secrets.length === 0, output }]);
}

async function runScans() {
  const scans = await scanDependencies();
  return count(
    scans.map(({ problems, ...scan }) => ({ ...scan, ok: problems.length === 0, output: problems.join('\n') })),
  );
}

/** Runs a group with a temporary folder of its own; what is left of ours in there counts as a failure. */
async function withTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'reeve-run-'));
  try {
    const sum = await work(folder);
    const left = readdirSync(folder).filter((name) => name.startsWith('reeve-'));
    const output = left.map((name) => `${name}: ${readdirSync(join(folder, name)).join(' ')}`).join('\n');
    return add(sum, count([{ name: 'no temporary folders left behind', ok: left.length === 0, output }]));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const runVitest = (group) => withTemporaryFolder((folder) => runProject(group, { TMPDIR: folder }));

async function runProject({ id, coverage, limitMs, within = [] }, env) {
  const file = join(OUTPUT, `${id}.json`);
  rmSync(file, { force: true });
  const parameters = ['run', '--project', id, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  if (strict) parameters.push('--retry=1');
  if (coverage === 'source') parameters.push('--coverage', '--coverage.reportOnFailure');
  if (coverage === 'browser') rmSync(BROWSER_COVERAGE, { recursive: true, force: true });
  const { code } = await runCommand([...within, ...TOOLS.vitest, ...parameters, '--passWithNoTests'], {
    live: true,
    timeoutMs: limitMs,
    env: { ...env, ...(coverage === 'browser' && { REEVE_TEST_COVERAGE: BROWSER_COVERAGE }) },
  });
  const sum = existsSync(file) ? countReport(JSON.parse(readFileSync(file, 'utf8')), ROOT) : none();
  if (code !== 0 && sum.failed === 0) {
    sum.failed += 1;
    sum.notes.push(code === 124 ? `stopped after ${limitMs / 1000} s` : `vitest ended with code ${code}; see above`);
  }
  return sum;
}

const KINDS = { checks: runChecks, scans: runScans, vitest: runVitest };

/** Why a group cannot run here, or nothing; installs what it needs where that is possible. */
async function whyLeftOut(group) {
  const missing = missingPackages(group);
  const why = missing.length > 0 ? await installPackages(missing) : undefined;
  if (why) return `${missing.join(', ')} missing; ${why}`;
  return group.reason?.();
}

async function runGroup(group) {
  say(`\n── ${group.id}: ${group.title}`);
  const startedAt = performance.now();
  const why = await whyLeftOut(group);
  const sum = why ? { ...none(), skipped: 1, notes: [`left out: ${why}`] } : await KINDS[group.kind](group);
  if (why) say(`left out: ${why}`);
  const isForgiven = why && group.mayBeLeftOut;
  if (strict && !isForgiven) Object.assign(sum, { failed: sum.failed + sum.skipped, skipped: 0 });
  return { id: group.id, ...sum, seconds: Math.round((performance.now() - startedAt) / 100) / 10 };
}

/** Coverage is judged when the groups that it is measured in have run; a folder whose groups have not is left alone. */
async function judgeCoverage(results) {
  const ran = results.filter(({ passed, failed }) => passed + failed > 0).map(({ id }) => id);
  if (!ran.includes('unit')) return [];
  say('\n── coverage: lines that were run');
  const startedAt = performance.now();
  const sum = count(await coverageResults(ran));
  return [{ id: 'coverage', ...sum, seconds: Math.round((performance.now() - startedAt) / 100) / 10 }];
}

function close(results) {
  const total = (kind) => results.reduce((sum, result) => sum + result[kind], 0);
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(total);
  say('');
  for (const { id, notes, seconds, ...sum } of results) {
    say(`${id.padEnd(9)}${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped (${seconds} s)`);
    for (const note of notes) say(note.replaceAll(/^/gm, ' '.repeat(9)));
  }
  writeFileSync(
    join(OUTPUT, 'result.json'),
    `${JSON.stringify({ passed, failed, skipped, groups: results }, null, 2)}\n`,
  );
  say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

function chosen(names) {
  const unknown = names.filter((name) => !GROUPS.some(({ id }) => id === name));
  if (unknown.length === 0)
    return GROUPS.filter(({ id, onlyWhenNamed }) => (names.length === 0 ? !onlyWhenNamed : names.includes(id)));
  say(`There is no group ${unknown.join(', ')}. The groups are ${GROUPS.map(({ id }) => id).join(', ')}.`);
  process.exit(2);
}

const groups = chosen(process.argv.slice(2));
mkdirSync(OUTPUT, { recursive: true });
try {
  await ensureWorkplace();
  if (groups.some(({ id }) => ['e2e', 'lan', 'install', 'executables', 'emulated'].includes(id))) await ensureBuilt();
  const results = [];
  for (const group of groups) results.push(await runGroup(group));
  close([...results, ...(await judgeCoverage(results))]);
} catch (error) {
  say(`The tests could not be run: ${error.message}`);
  say('0 passed, 1 failed');
  process.exitCode = 1;
}
