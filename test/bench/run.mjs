// `npm run bench -- NAME [--store] [--quick]`: runs test/bench/NAME.ts against the built programs, one JSON line for each
// figure; the exit code is 1 when a gate is missed. `--store` keeps the result as a section of docs/benchmarks.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, ROOT } from '../../image/prepare.mjs';

const FOLDER = join(ROOT, 'test/bench');
const REPORT = join(ROOT, 'docs/benchmarks.md');
const HEAD =
  '# Benchmarks\n\nMeasured on the machine that each section names. `npm run bench -- NAME --store` writes a section anew.\n';

/** A benchmark is a file that says so in its first line. */
function names() {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts') && readFileSync(join(FOLDER, file), 'utf8').startsWith('// bench:'))
    .map((file) => file.slice(0, -3));
}

async function load(name) {
  const { build } = await import('esbuild');
  const outfile = join(ROOT, `test/output/bench-${name}.mjs`);
  mkdirSync(join(ROOT, 'test/output'), { recursive: true });
  await build({
    entryPoints: [join(FOLDER, `${name}.ts`)],
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return (await import(`${pathToFileURL(outfile).href}?${Date.now()}`)).figures;
}

const isMet = ({ value, atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }) =>
  value <= atMost && value >= atLeast;

const rounded = (value) => Number(value.toPrecision(4));

function limits({ atMost, atLeast }) {
  return [atMost !== undefined && `≤ ${atMost}`, atLeast !== undefined && `≥ ${atLeast}`].filter(Boolean).join(', ');
}

/** What is printed for a figure: `gate` and `aim` are numbers, `sense` says on which side of them is good. */
function line({ name: title, value, unit, atMost, atLeast, aim, note }, pass) {
  const gate = atMost ?? atLeast ?? null;
  const sense = atMost !== undefined ? 'at most' : atLeast !== undefined ? 'at least' : undefined;
  return { name: title, value: rounded(value), unit, gate, aim: aim ?? null, pass, sense, note };
}

function section(name, figures, command) {
  const { model } = cpus()[0];
  const machine = `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  const rows = figures.map((figure) => {
    const { name: title, value, unit, aim, note } = figure;
    return `| ${title} | ${rounded(value)} ${unit} | ${limits(figure)} | ${aim ?? ''} | ${note ?? ''} |`;
  });
  const table = ['| figure | measured | gate | aim | how |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
  const day = new Date().toISOString().slice(0, 10);
  return `<!-- bench:${name} -->\n## ${name}\n\n\`${command}\`, ${day}, ${machine}.\n\n${table}\n<!-- /bench:${name} -->\n`;
}

function store(name, figures) {
  const text = existsSync(REPORT) ? readFileSync(REPORT, 'utf8') : HEAD;
  const written = section(name, figures, `npm run bench -- ${name} --store`);
  const place = new RegExp(`<!-- bench:${name} -->[\\s\\S]*?<!-- /bench:${name} -->\\n`);
  mkdirSync(join(ROOT, 'docs'), { recursive: true });
  writeFileSync(REPORT, place.test(text) ? text.replace(place, () => written) : `${text}\n${written}`);
}

const flags = new Set(process.argv.slice(2).filter((word) => word.startsWith('--')));
const [name] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (!name || !names().includes(name)) {
  process.stderr.write(`Say which benchmark: ${names().join(', ')}.\n`);
  process.exit(2);
}
await ensureInstalled();
await ensureBuilt();
const isQuick = flags.has('--quick');
const figures = [];
for await (const figure of (await load(name))({ isQuick })) {
  const pass = isQuick || isMet(figure);
  figures.push({ ...figure, pass });
  process.stdout.write(`${JSON.stringify(line(figure, pass))}\n`);
}
if (flags.has('--store') && !isQuick) store(name, figures);
process.exit(figures.length > 0 && figures.every(({ pass }) => pass) ? 0 : 1);
