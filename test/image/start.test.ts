import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const start = join(ROOT, 'image/start.mjs');

/** The real file, in a Node that claims to be another one; it is asked for a program that is not there. */
function startOn(version: string) {
  const claim = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
  return spawnSync(process.execPath, ['--import', `data:text/javascript,${claim}`, start, 'nothing'], {
    encoding: 'utf8',
  });
}

test.each(['12.22.9', '18.20.4', '20.18.3'])('Node %s is refused with the version that is needed', (version) => {
  const { status, stderr } = startOn(version);
  expect(status).toBe(1);
  expect(stderr).toContain(`Reeve needs Node 20.19 or newer; this is Node ${version}`);
  expect(stderr).toContain('nodejs.org');
  expect(stderr).not.toContain('    at ');
});

test.each(['20.19.0', '22.0.0', '24.1.0'])('Node %s is let through', (version) => {
  const { status, stderr } = startOn(version);
  expect(status).toBe(2);
  expect(stderr).toContain('Say what to start');
});

test('an old Node can read what refuses it', async () => {
  const source = readFileSync(start, 'utf8');
  const said = async (target: string) =>
    (await transform(source, { target, format: 'esm', supported: { 'dynamic-import': true } })).code;
  expect(await said('es2018')).toBe(await said('esnext'));
  expect(source).not.toMatch(/^(?:import .* from|await )/m);
});
