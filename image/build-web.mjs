// The dashboard's half of the build: bundles what index.html names, gives every file a name with its hash, lists what the first
// page needs for preloading, and packs each file with brotli and gzip, so that the appliance only has to send bytes.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from './prepare.mjs';

const FOLDER = join(ROOT, 'web-components');
const REFERENCE = /(src|href)="\.\/([\w./-]+\.(?:ts|css))"/g;
const PACKABLE = /\.(js|css|html|svg|json|txt|webmanifest)$/;
const pack = { br: promisify(brotliCompress), gz: promisify(gzip) };

function bundle(entries, outdir) {
  return build({
    logLevel: 'error',
    entryPoints: entries.map((entry) => join(FOLDER, entry)),
    outdir,
    outbase: FOLDER,
    absWorkingDir: ROOT,
    tsconfig: join(FOLDER, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox114', 'safari16.4'],
    minify: true,
    // Beside the files, not named in them: test/merge-coverage.mjs reads them.
    sourcemap: 'external',
    sourcesContent: false,
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    assetNames: 'assets/[name]-[hash]',
    legalComments: 'linked',
    metafile: true,
  });
}

/** Every file that a page needs before it runs: the file itself and what it imports at once, all the way down. */
function closure(outputs, file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, kind, external } of outputs[file].imports) {
    if (kind === 'import-statement' && !external) closure(outputs, path, seen);
  }
  return seen;
}

function page(outputs, outdir) {
  const url = (file) => `/${relative(outdir, join(ROOT, file))}`;
  const built = new Map(Object.entries(outputs).map(([file, { entryPoint }]) => [entryPoint, file]));
  const preloads = new Set();
  const html = readFileSync(join(FOLDER, 'index.html'), 'utf8').replace(REFERENCE, (_, attribute, entry) => {
    const file = built.get(`web-components/${entry}`);
    for (const needed of closure(outputs, file)) if (needed !== file) preloads.add(needed);
    return `${attribute}="${url(file)}"`;
  });
  const links = [...preloads].map((file) => `  <link rel="modulepreload" href="${url(file)}">\n`).join('');
  return html.replace('</head>', `${links}</head>`);
}

async function packed(file) {
  const content = await readFile(file);
  const brotli = {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  };
  const [br, gz] = await Promise.all([pack.br(content, brotli), pack.gz(content, { level: 9 })]);
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
  return { bytes: content.length, brotli: br.length, gzip: gz.length };
}

const row = (name, { bytes, brotli, gzip: zipped }) =>
  name.padEnd(44) + [bytes, brotli, zipped].map((size) => (size / 1000).toFixed(1).padStart(9)).join('');

/** The page of the API is Swagger UI as it was published; only what that page loads, with its licence. */
function copyDocs(outdir) {
  const from = join(ROOT, 'node_modules/swagger-ui-dist');
  for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css']) cpSync(join(from, name), join(outdir, name));
  cpSync(join(from, 'LICENSE'), join(outdir, 'swagger-ui.LICENSE.txt'));
}

/** Builds the dashboard into `outdir`; answers with the size of each file and of what the first page needs, in bytes. */
export async function buildWeb(outdir) {
  const html = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  const entries = [...html.matchAll(REFERENCE)].map(([, , entry]) => entry);
  const { metafile } = await bundle(entries, outdir);
  mkdirSync(outdir, { recursive: true });
  writeFileSync(join(outdir, 'index.html'), page(metafile.outputs, outdir));
  const fixed = join(FOLDER, 'public');
  if (existsSync(fixed)) cpSync(fixed, outdir, { recursive: true });
  copyDocs(join(outdir, 'api-docs'));

  const made = readdirSync(outdir, { recursive: true }).map((file) => relative(ROOT, join(outdir, file)));
  const list = made.filter((file) => PACKABLE.test(file));
  const sized = await Promise.all(list.map(async (file) => [file, await packed(join(ROOT, file))]));
  const sizes = Object.fromEntries(sized.map(([file, size]) => [basename(file), size]));
  const first = new Set(sized.filter(([file]) => file.endsWith('.html')).map(([file]) => file));
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint && entries.includes(output.entryPoint.replace('web-components/', ''))) {
      for (const needed of closure(metafile.outputs, file)) first.add(needed);
    }
  }
  const total = { bytes: 0, brotli: 0, gzip: 0 };
  for (const [file, size] of sized) if (first.has(file)) for (const key of Object.keys(total)) total[key] += size[key];
  const lines = Object.entries(sizes)
    .filter(([name]) => !name.endsWith('.LEGAL.txt'))
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(([name, size]) => row(name, size));
  const heading = `${'web, in KB'.padEnd(44)}      raw   brotli     gzip`;
  return { sizes: { files: sizes, first: total }, report: [heading, ...lines, row('first page', total)].join('\n') };
}
