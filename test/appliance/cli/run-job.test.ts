import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { runJobByApi } from '../../../appliance/cli/run-job.ts';
import { ROOT } from '../../helpers/root.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { keyOf, must, startWithOwner } from '../../helpers/world.ts';

const run = (url: string, apiKey: string | undefined) => {
  const said: string[] = [];
  return runJobByApi({ url, apiKey, job: 'backup', say: (text) => void said.push(text) }).then((code) => [
    code,
    said.join(''),
  ]);
};

/** Node reads what it trusts when it starts: the command runs in a process of its own. */
async function runAlone(url: string, apiKey: string, authority: string): Promise<string> {
  const outfile = join(ROOT, 'test/output', `run-job-${process.pid}.mjs`);
  mkdirSync(join(ROOT, 'test/output'), { recursive: true });
  const contents = `import { runJobByApi } from './appliance/cli/run-job.ts';
    process.exitCode = await runJobByApi({ url: process.argv[2], apiKey: process.argv[3], job: 'backup', say: (text) => process.stdout.write(text) });`;
  await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    ...{ outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external', logLevel: 'error' },
  });
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority };
  return (await promisify(execFile)(process.execPath, [outfile, url, apiKey], { env })).stdout;
}

test('under HTTPS only a job is run with the appliance’s own authority, and without it the cure is said', async () => {
  const { reeve, owner } = await startWithOwner();
  onTestFinished(() => reeve.stop());
  const key = String((await keyOf(owner, reeve, { name: 'cron', role: 'owner' })).headers['x-api-key']);
  const authority = join(temporaryDirectory(), 'ca.crt');
  const { rev } = await must(owner.ask('GET', '/api/v1/settings/connection'));
  await must(owner.ask('PUT', '/api/v1/settings/connection', { rev, value: { httpsOnly: true } }));
  await expect(run(reeve.http, key)).rejects.toThrow('Ask again over HTTPS, on port');
  await expect(run(reeve.https, key)).rejects.toThrow('name that file in NODE_EXTRA_CA_CERTS');
  writeFileSync(authority, await (await fetch(`${reeve.http}/ca.crt`)).text());
  expect(await runAlone(reeve.https, key, authority)).toContain('checked by restoring it');
}, 60_000);

test('an appliance that does not answer is named with the reason', async () => {
  await expect(run('http://127.0.0.1:9', 'rvk_x')).rejects.toThrow(/^http:\/\/127\.0\.0\.1:9 cannot be asked: /);
});
