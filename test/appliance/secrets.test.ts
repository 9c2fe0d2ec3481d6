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
import { keyOf, must, nobody, type Party, signInAs, PASSWORD as WORLD_PASSWORD } from '../helpers/world.ts';

const IDS = { hostId: NEVER, hostIds: NEVER, ids: NEVER };
const PASSWORD = 'canary-password-of-the-owner';
const PASSPHRASE = 'canary-passphrase-of-backups';
const VARIABLE = 'canary-value-of-a-variable';
const KEY = 'ca'.repeat(32);
const OTHERS_PASSWORD = WORLD_PASSWORD;

/** What far ends of notifications want, and nobody else may read. */
const FAR_ENDS = {
  mail: 'canary-password-of-mails',
  slack: 'canary-address-of-slack',
  webhook: 'canary-key-of-webhooks',
  authorization: 'canary-header-of-webhooks',
  ntfy: 'canary-token-of-ntfy',
  pushover: 'canary-token-of-pushover',
  mqtt: 'canary-password-of-mqtt',
  browser: 'canary-address-of-a-browser',
};
const CHANNELS: Readonly<Record<string, object>> = {
  email: {
    ...{ host: 'mail.example', from: 'reeve@example.org', to: ['ann@example.org'] },
    ...{ user: 'reeve', password: FAR_ENDS.mail },
  },
  slack: { url: `https://hooks.slack.example/services/${FAR_ENDS.slack}` },
  webhook: {
    url: 'https://hook.example/',
    signingKey: FAR_ENDS.webhook,
    authorization: `Bearer ${FAR_ENDS.authorization}`,
  },
  ntfy: { topic: 'reeve', token: FAR_ENDS.ntfy },
  pushover: { token: FAR_ENDS.pushover, user: FAR_ENDS.pushover },
  mqtt: { url: 'mqtts://broker.example', userName: 'reeve', password: FAR_ENDS.mqtt },
  push: { contact: 'ann@example.org' },
};

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
  const { session } = await must(ask('GET', '/api/v1/entry'));
  const { siteId } = session as { siteId: string };
  const people: Party[] = [];
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const roles = [{ siteId, role }];
    await must(ask('POST', '/api/v1/users', { userName: role, password: OTHERS_PASSWORD, roles }));
    const person = await signInAs(reeve, { userName: role, role });
    canaries.set(`session of ${role}`, person.headers.cookie?.split('=')[1] ?? '');
    people.push(person);
  }
  canaries.set('password of others', OTHERS_PASSWORD);
  for (const [kind, value] of Object.entries(CHANNELS))
    await must(ask('POST', '/api/v1/notification-channels', { kind, name: kind, isEnabled: false, value }));
  for (const [what, canary] of Object.entries(FAR_ENDS)) canaries.set(what, canary);
  const subscription = EXAMPLES['push.add']?.({}).body as { keys: { p256dh: string; auth: string } };
  const endpoint = `https://fcm.googleapis.com/fcm/send/${FAR_ENDS.browser}`;
  await must(ask('POST', '/api/v1/account/push/browsers', { ...subscription, endpoint }));
  canaries.set('secret of a browser', subscription.keys.auth);
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
  const everybody: Party[] = [owner, ...people, { ...key, name: 'key' }, nobody(reeve)];
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
