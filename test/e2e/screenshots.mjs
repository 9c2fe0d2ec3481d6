// `node test/e2e/screenshots.mjs [MINUTES]`: starts a real system, lets it run (6 minutes by default), and writes docs/images/.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ensureBuilt, ROOT } from '../../image/prepare.mjs';

await ensureBuilt();
const outfile = join(ROOT, 'test/output/screenshots.mjs');
mkdirSync(join(ROOT, 'test/output'), { recursive: true });
await build({
  entryPoints: [join(ROOT, 'test/e2e/screenshots.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'error',
});
const { screenshots } = await import(pathToFileURL(outfile).href);
await screenshots(Number(process.argv[2] ?? 6));
