import { join } from 'node:path';
import { build } from 'esbuild';
import { makeDirectory, removeDirectory } from '../../helpers/temporary.ts';

const ROOT = join(import.meta.dirname, '../../..');
let directory: string | undefined;
const files = new Map<string, Promise<string>>();

/** A program of test/lan/programs as one file that Node 20 can run; made once per run. */
export function bundled(program: string): Promise<string> {
  const known = files.get(program) ?? bundle(program);
  files.set(program, known);
  return known;
}

async function bundle(program: string): Promise<string> {
  if (!directory) {
    const made = makeDirectory('reeve-lan-');
    process.once('exit', () => removeDirectory(made));
    directory = made;
  }
  const outfile = join(directory, `${program}.cjs`);
  const entry = join(ROOT, 'test/lan/programs', `${program}.ts`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}
