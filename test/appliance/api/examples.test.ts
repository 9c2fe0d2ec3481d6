import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const run = promisify(execFile);
const text = readFileSync(path.join(process.cwd(), 'docs/api.md'), 'utf8');
const examples = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, lines = '']) => lines.trim());

let reeve: InProcess;
let key: string;
beforeAll(async () => {
  reeve = await startInProcess();
  await reeve.setUp();
  const made = await reeve.call('POST', '/api/v1/keys', { name: 'examples', role: 'owner' });
  key = String(made.body.key);
});
afterAll(() => reeve.stop());

describe.runIf(existsSync('/usr/bin/curl'))('each example of docs/api.md works', () => {
  test.each(examples)('%s', async (lines) => {
    const env = { PATH: process.env.PATH, URL: reeve.http, KEY: key };
    const { stdout } = await run('bash', ['-e', '-c', lines], { env, cwd: temporaryDirectory() });
    expect(stdout.length).toBeGreaterThan(0);
  });

  test('and there are as many as the paper shows', () => expect(examples.length).toBeGreaterThanOrEqual(7));
});
