import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { startProgram } from '../../helpers/program.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends a start that waits for something, at once and with 0',
  async (signal) => {
    const outfile = join(temporaryDirectory(), 'waiting.mjs');
    const entryPoints = [join(import.meta.dirname, 'waiting.ts')];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
    const program = startProgram([process.execPath, outfile]);
    await until(() => program.output().includes('waits'), { what: 'it waits' });
    program.signal(signal);
    expect(await program.ended(5_000)).toBe(0);
  },
);
