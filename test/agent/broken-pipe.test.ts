import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { makeDirectory } from '../helpers/directories.ts';
import { ROOT } from '../helpers/root.ts';

let file: string;

beforeAll(() => {
  file = path.join(makeDirectory(), 'broken-pipe.mjs');
  buildSync({ entryPoints: [path.join(ROOT, 'agent/broken-pipe.ts')], outfile: file, format: 'esm' });
});

/** A process of its own that does this, and is alive a moment later if it says so. */
function process(work: string, guarded = true) {
  const guard = `import { outliveBrokenPipes } from ${JSON.stringify(pathToFileURL(file).href)}; outliveBrokenPipes((error) => { console.log('ended by ' + error.message); process.exit(9); });`;
  const script = `${guarded ? guard : ''} import { spawn } from 'node:child_process'; ${work}`;
  const { status, stdout } = spawnSync(globalThis.process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout };
}

/** Ends at once, as PowerShell does where it is forbidden. */
const WRITE_TO_THE_DEAD = `const child = spawn('true', { stdio: 'pipe' }); child.stdin.write('x'.repeat(1_000_000)); child.on('close', () => setTimeout(() => console.log('alive'), 100));`;

test('a process outlives a write to a program that has ended, which otherwise ends it', () => {
  expect(process(WRITE_TO_THE_DEAD, false).stdout).not.toContain('alive');
  expect(process(WRITE_TO_THE_DEAD)).toEqual({ status: 0, stdout: 'alive\n' });
});

test('any other error ends it', () => {
  expect(process(`setTimeout(() => { throw new Error('a mistake'); }, 1)`)).toEqual({
    status: 9,
    stdout: 'ended by a mistake\n',
  });
});
