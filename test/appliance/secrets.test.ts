import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Route } from '../../protocol/route.ts';
import { routes } from '../../protocol/routes/index.ts';
import { makeAgentDist } from '../helpers/agent-dist.ts';
import { changeSettings, runJob } from '../helpers/backup-bench.ts';
import { EXAMPLES } from '../helpers/examples.ts';
import { startInProcess } from '../helpers/in-process.ts';
import { addressOf, NEVER, sampleFor } from '../helpers/samples.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { keyOf, must, nobody, type Party } from '../helpers/world.ts';

const IDS = { hostId: NEVER, hostIds: NEVER, ids: NEVER };
const PASSWORD = 'canary-password-of-the-owner';
const PASSPHRASE = 'canary-passphrase-of-backups';
const VARIABLE = 'canary-value-of-a-variable';
const KEY = 'ca'.repeat(32);

/** Every file below a folder with its bytes, but for what is encrypted as a whole. */
function filesOf(dir: string): { name: string; bytes: Buffer }[] {
  return readdirSync(dir, { recursive: true })
    .map(String)
    .filter((name) => existsSync(join(dir, name)) && statSync(join(dir, name)).isFile())
    .map((name) => ({ name, bytes: readFileSync(join(dir, name)) }));
}

test('no secret stands in any answer, file, log, backup or text that was not made to hold it', async () => {
  const data = temporaryDirectory();
  const logFile = join(temporaryDirectory(), 'reeve.log');
  process.env.CANARY_VARIABLE = VARIABLE;
  const reeve = await startInProcess({ data, distDir: makeAgentDist(), logLevel: 'trace', logFile, key: KEY });
  onTestFinished(() => {
    delete process.env.CANARY_VARIABLE;
    return reeve.stop();
  });
  const form = { code: reeve.setupCode, siteName: 'Home', userName: 'owner', password: PASSWORD };
  const made = await reeve.call('POST', '/api/v1/setup/owner', form);
  expect(made.status).toBe(201);
  const cookie = reeve.cookie();
  const owner: Party = { ...nobody(reeve), name: 'owner', role: 'owner' };
  const ask: Party['ask'] = (method, path, body) => reeve.call(method, path, body);
  owner.ask = ask;

  // Everything secret that the appliance has or gives out once.
  const canaries = new Map<string, string>([
    ['set-up code', reeve.setupCode],
    ['password', PASSWORD],
    ['passphrase', PASSPHRASE],
    ['master key', KEY],
    ['value of a variable', VARIABLE],
    ['session', cookie.split('=')[1] ?? ''],
  ]);
  const plain = await runJob(reeve, 'backup');
  expect(plain.text).toContain('without keys');
  await changeSettings(reeve, 'backup', { passphrase: PASSPHRASE });
  const key = await keyOf(owner, reeve, { name: 'canary', role: 'viewer' });
  canaries.set('API key', (key.headers['x-api-key'] ?? '').split('_').at(-1) ?? '');
  const token = await must(ask('POST', '/api/v1/agents/tokens', { name: 'canary' }));
  canaries.set('token', String(token.token));
  await must(
    ask('POST', '/api/v1/users', { userName: 'viewer', password: 'canary-password-of-a-viewer', roles: [] }),
  ).catch(() => undefined);
  canaries.set('password of another', 'canary-password-of-a-viewer');
  const factor = await must(ask('POST', '/api/v1/account/second-factor', { password: PASSWORD }));
  canaries.set('secret of the second factor', String(factor.secret));
  // Wrong tries, whose words must not come back either.
  const wrong = 'canary-wrong-password';
  canaries.set('wrong password', wrong);
  await nobody(reeve).ask('POST', '/api/v1/session', { userName: 'owner', password: wrong });
  await nobody(reeve).ask('POST', `/api/v1/session?password=${wrong}`, { userName: 'owner', password: [wrong] });
  await nobody(reeve).ask('GET', '/api/v1/hosts', undefined, {
    authorization: `Bearer ${wrong}`,
    cookie: `reeve=${wrong}`,
  });
  const encrypted = await runJob(reeve, 'backup');
  expect(encrypted.text).toContain('encrypted');

  // Every route that reads, asked by everybody there is.
  const outputs: [string, string | Buffer][] = [];
  const everybody: Party[] = [owner, { ...key, name: 'key' }, nobody(reeve)];
  for (const route of routes as readonly Route[]) {
    if (route.method !== 'GET') continue;
    const path = addressOf(route, sampleFor(route, IDS, { example: EXAMPLES[route.id] }));
    for (const who of everybody) {
      const { body, headers } = await who.ask('GET', path);
      outputs.push([`${route.id} to ${who.name}`, JSON.stringify(body) + JSON.stringify([...headers])]);
    }
  }
  await until(() => existsSync(logFile) && readFileSync(logFile, 'utf8').includes('job ended'));
  outputs.push(['log file', readFileSync(logFile)], ['run.json', readFileSync(join(data, 'run.json'))]);
  for (const { name, bytes } of filesOf(data)) outputs.push([name, bytes]);
  for (const [what, canary] of canaries) {
    expect(canary.length, what).toBeGreaterThan(7);
    for (const [where, output] of outputs) expect(output.includes(canary), `${what} in ${where}`).toBe(false);
  }
  // And the test would notice: what is not secret is found.
  expect(outputs.some(([, output]) => output.includes('owner'))).toBe(true);
}, 120_000);
