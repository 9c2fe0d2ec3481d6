// The appliance's half of the build: main.js, reeve.js and unpack.js, CommonJS files with their packages inside, and what they read beside them.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licencesOf, noting } from './licences.mjs';
import { onlyEnglish } from './only-english.mjs';
import { OUTSIDE } from './outside.mjs';
import { ROOT } from './prepare.mjs';
import { packVendors } from './vendors.mjs';

/** Binaries that make WebSocket or PostgreSQL a little quicker where somebody has installed them; it tries, and does without. */
const ONLY_TRIED = ['bufferutil', 'utf-8-validate', 'pg-native'];

/** The build fails when something is neither in the bundle nor where the program will find it. */
const refusing = {
  name: 'refusing',
  setup(bundle) {
    bundle.onEnd(({ metafile }) => {
      const imports = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.imports);
      const names = new Set(
        imports.filter(({ external, path }) => external && !isBuiltin(path)).map(({ path }) => path),
      );
      const strangers = [...names].filter((name) => ![...OUTSIDE, ...ONLY_TRIED].includes(name));
      return { errors: strangers.map((name) => ({ text: `${name} would have to lie beside the appliance` })) };
    });
  },
};

/**
 * Fills the folder `outdir`; answers esbuild's result. A start reads one file in place of 900, which is 40 % of its processor time; and
 * CommonJS, because Node makes each module of its own whole for an ESM file that imports it: of `node:http` that is an HTTP client with
 * HTTP/2, an eighth of a start.
 */
export async function buildAppliance(outdir) {
  const folders = new Set();
  const result = await build({
    logLevel: 'error',
    entryPoints: {
      main: 'appliance/entry.ts',
      reeve: 'appliance/reeve-entry.ts',
      unpack: 'appliance/unpack-entry.ts',
    },
    outdir,
    absWorkingDir: ROOT,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: OUTSIDE,
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    // Any other `import.meta` is empty in a CommonJS file: a mistake.
    logOverride: { 'empty-import-meta': 'error' },
    legalComments: 'none',
    // Names stay, for what the log says of errors.
    minifyWhitespace: true,
    lineLimit: 200,
    metafile: true,
    plugins: [onlyEnglish, noting(folders), refusing],
  });
  for (const file of Object.keys(result.metafile.outputs)) refuseWide(file);
  // The folder above says that files are ESM.
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  const registry = createRequire(import.meta.url).resolve('oui-data');
  writeFileSync(join(outdir, 'vendors.bin'), packVendors(JSON.parse(readFileSync(registry, 'utf8'))));
  folders.add('node_modules/oui-data');
  writeFileSync(join(outdir, 'LEGAL.txt'), licencesOf(folders));
  return result;
}

/**
 * One letter beyond Latin, in a pattern or in a comment that was left in, and V8 keeps the whole text in two bytes a letter: megabytes of the
 * memory of a Pi. esbuild escapes those of strings.
 */
function refuseWide(file) {
  const wide = /.{0,30}[^\p{ASCII}]+.{0,30}/u.exec(readFileSync(join(ROOT, file), 'utf8'));
  if (wide) throw new Error(`${file} has a letter that is not ASCII; write it as \\u…: ${wide[0]}`);
}
