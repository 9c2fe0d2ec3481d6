import { join } from 'node:path';
import { build } from 'esbuild';

/** Makes one CommonJS file with everything inside, because Node 20 does not run TypeScript; answers with its path. */
export async function bundleProgram(entry: string, directory: string): Promise<string> {
  const outfile = join(directory, 'program.cjs');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
  return outfile;
}
