// Between files and PostgreSQL, and back, with the programs as they are built: by a start, by a backup, by `reeve migrate`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { lasting } from '../helpers/lasting.ts';
import { createOwner, type Owner, signIn } from '../helpers/owner.ts';
import { freePort } from '../helpers/ports.ts';
import { usePostgres } from '../helpers/postgres.ts';
import { startProgram } from '../helpers/program.ts';
import { ROOT } from '../helpers/root.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

const server = usePostgres();
const PASSPHRASE = 'a passphrase of a test';

interface Place {
  dataDir: string;
  env: Record<string, string>;
}

async function start(place: Place): Promise<RunningAppliance> {
  const appliance = await startAppliance(place);
  onTestFinished(() => (appliance.isRunning() ? appliance.kill() : undefined));
  return appliance;
}

/** The command `reeve` on the data of a place; answers with what it said. */
async function reeve({ dataDir, env }: Place, ...words: string[]): Promise<string> {
  const program = startProgram([process.execPath, join(ROOT, 'dist/appliance/reeve.js'), ...words], {
    env: { ...env, REEVE_DATA: dataDir, REEVE_BACKUP_PASSPHRASE: PASSPHRASE },
  });
  const code = await program.ended(60_000);
  if (code !== 0) throw new Error(`reeve ${words.join(' ')} ended with ${code}: ${program.output()}`);
  return program.output();
}

/** What people see: accounts, sites, settings, API keys, the host, and every value of a span. */
async function seenBy(owner: Owner, span: { from: number; to: number }) {
  const seen: Record<string, unknown> = {};
  for (const route of ['users', 'sites', 'settings', 'keys', 'account/preferences']) {
    const { status, body } = await owner.request('GET', `/api/v1/${route}`);
    expect(status, route).toBe(200);
    seen[route] = lasting(body);
  }
  const [host] = await owner.hosts();
  const { id, name, siteId, createdAt } = host as { id: string; name: string; siteId: string; createdAt?: number };
  const rows = await owner.history(id, { ...span, maxPoints: 500 });
  expect(rows.at.length).toBeGreaterThanOrEqual(5);
  return { ...seen, host: { id, name, siteId, createdAt }, rows };
}

/** Runs an appliance until it has a past, and stops it; `look` says what is seen of that past at another time. */
async function lived(place: Place) {
  const appliance = await start(place);
  const owner = await createOwner(appliance);
  await owner.request('POST', '/api/v1/keys', { name: 'prometheus', role: 'viewer' });
  const from = Date.now();
  const agent = startAgent({ hub: appliance.httpsUrl, token: await owner.token('nas'), flags: ['--interval', '1s'] });
  onTestFinished(() => (agent.isRunning() ? agent.kill() : undefined));
  const id = (await until(async () => (await owner.hosts())[0], { what: 'the agent has joined' })).id;
  const has = async () => (await owner.history(id, { from, to: Date.now(), resolution: 'raw' })).at.length;
  await until(async () => (await has()) >= 8, { timeoutMs: 30_000, what: 'frames' });
  await agent.stop();
  const span = { from, to: Date.now() };
  const before = await seenBy(owner, span);
  await appliance.stop();
  return {
    before,
    look: async (running: RunningAppliance) => seenBy(await signIn(running), span),
  };
}

/** Ports are new at each start, so that no browser or agent of another test is heard. */
const onFiles = (): Place => ({ dataDir: temporaryDirectory(), env: {} });
const onPostgres = async (): Promise<Place> => ({
  dataDir: temporaryDirectory(),
  env: { REEVE_STORE: await server.database() },
});

test('an appliance with a past that is started with REEVE_STORE has it all in PostgreSQL, keeps the files, and refuses to start without', async () => {
  const files = onFiles();
  const { before, look } = await lived(files);
  const moved = { ...files, env: { REEVE_STORE: await server.database(), REEVE_HTTP_PORT: String(await freePort()) } };
  const second = await start(moved);
  expect(await look(second)).toEqual(before);
  expect(readdirSync(files.dataDir).filter((name) => name.startsWith('before-postgres-'))).toHaveLength(1);
  await second.stop();
  await expect(startAppliance(files)).rejects.toThrow(/REEVE_STORE/);
  const third = await start(moved);
  expect(await look(third)).toEqual(before);
  await third.stop();
}, 120_000);

test('a backup that was made with PostgreSQL restores onto files', async () => {
  const database = await onPostgres();
  const { before, look } = await lived(database);
  const file = join(temporaryDirectory(), 'all.reeve');
  await reeve(database, 'backup', file);
  const files = onFiles();
  await reeve(files, 'restore', file);
  const second = await start(files);
  expect(await look(second)).toEqual(before);
  await second.stop();
}, 120_000);

test('a backup that was made of files restores into PostgreSQL', async () => {
  const files = onFiles();
  const { before, look } = await lived(files);
  const file = join(temporaryDirectory(), 'all.reeve');
  await reeve(files, 'backup', file);
  const database = await onPostgres();
  await (await start(database)).stop();
  await reeve(database, 'restore', file);
  const second = await start(database);
  expect(await look(second)).toEqual(before);
  await second.stop();
}, 120_000);

test('reeve migrate takes everything into PostgreSQL and back into files', async () => {
  const files = onFiles();
  const { before, look } = await lived(files);
  const database = { ...files, env: { REEVE_STORE: await server.database() } };
  await reeve(files, 'migrate', '--to', database.env.REEVE_STORE);
  const second = await start(database);
  expect(await look(second)).toEqual(before);
  await second.stop();
  await reeve(database, 'migrate', '--to', 'files');
  const third = await start(files);
  expect(await look(third)).toEqual(before);
  await third.stop();
}, 120_000);
