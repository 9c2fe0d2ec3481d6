// A real appliance and a real agent on a real PostgreSQL, each of which dies in the middle.
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { expectOnceEach, perSecond } from '../helpers/per-second.ts';
import { freePort } from '../helpers/ports.ts';
import { PASSWORD, usePostgres } from '../helpers/postgres.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

const server = usePostgres();
let isDown = false;

/** As a power cut: the next test finds it running. */
async function killServer(): Promise<void> {
  await server.kill();
  isDown = true;
}
async function startServer(): Promise<void> {
  await server.start();
  isDown = false;
}
afterEach(() => (isDown ? startServer() : undefined));

interface Place {
  dataDir: string;
  env: Record<string, string>;
}

/** A data directory, ports that stay, and a new database; the password is apart from the address. */
async function newPlace(): Promise<Place> {
  const address = new URL(await server.database());
  address.password = '';
  const env = {
    REEVE_STORE: address.href,
    REEVE_STORE_PASSWORD: PASSWORD,
    REEVE_HTTPS_PORT: String(await freePort()),
    REEVE_HTTP_PORT: String(await freePort()),
  };
  return { dataDir: temporaryDirectory(), env };
}

async function start(place: Place): Promise<RunningAppliance> {
  const appliance = await startAppliance(place);
  onTestFinished(() => (appliance.isRunning() ? appliance.kill() : undefined));
  return appliance;
}

/** An appliance with an owner and an agent that reads each second. */
async function startFleet() {
  const place = await newPlace();
  const appliance = await start(place);
  const owner = await createOwner(appliance);
  const from = Date.now();
  const agent = startAgent({ hub: appliance.httpsUrl, token: await owner.token('nas'), flags: ['--interval', '1s'] });
  onTestFinished(() => (agent.isRunning() ? agent.kill() : undefined));
  const seconds = async () => (await perSecond(owner, from)).length;
  await until(async () => (await seconds()) >= 5, { timeoutMs: 30_000, what: 'frames unasked' });
  return { place, appliance, owner, agent, from, seconds };
}

const more = async (seconds: () => Promise<number>, count: number) => {
  const now = await seconds();
  await until(async () => (await seconds()) >= now + count, { timeoutMs: 60_000, what: `${count} s more` });
};

const isReady = async ({ request }: Owner) => (await request('GET', '/health/ready')).status === 200;
const storeOf = async ({ request }: Owner) => {
  const { body } = await request('GET', '/api/v1/system');
  return (body as { parts: { name: string; status: string; detail: string }[] }).parts.find(
    ({ name }) => name === 'store',
  );
};

describe('an appliance on PostgreSQL', () => {
  test('keeps everything there when it is killed, and shows where that is', async () => {
    const { place, appliance, owner, from, seconds } = await startFleet();
    const { body } = await owner.request('GET', '/api/v1/system');
    expect(body).toMatchObject({
      store: {
        place: `PostgreSQL ${new URL(place.env.REEVE_STORE ?? '').pathname.slice(1)} on 127.0.0.1:${server.port}`,
      },
    });
    expect(JSON.stringify(body)).not.toContain(PASSWORD);
    const { body: storage } = await owner.request('GET', '/api/v1/settings/history/storage');
    expect(storage).toMatchObject({
      lowWear: { isOn: false, reason: expect.stringMatching(/^data is on PostgreSQL /) },
    });
    await appliance.kill();
    const second = await start(place);
    await more(seconds, 12);
    expectOnceEach(await perSecond(owner, from));
    expect(appliance.output() + second.output()).not.toContain(PASSWORD);
    await second.stop();
  }, 120_000);

  test('whose database is killed says so, takes no changes, shows what comes in, and has all of it when the database is back', async () => {
    const { place, appliance, owner, from, seconds } = await startFleet();
    await killServer();
    await until(async () => !(await isReady(owner)), { timeoutMs: 30_000, what: 'it says that it is not ready' });
    expect(await owner.request('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await owner.request('GET', '/health/ready')).toMatchObject({
      ...{ status: 503, body: { code: 'storage-unavailable', detail: expect.stringMatching(/^store: .*agents keep/) } },
    });
    expect(await storeOf(owner)).toMatchObject({ status: 'failed' });
    expect(await owner.request('POST', '/api/v1/agents/tokens', {})).toMatchObject({
      ...{ status: 503, body: { code: 'storage-unavailable', detail: expect.stringContaining('Try again later') } },
    });
    // What the dashboard asks first: without it nobody would see the page that says why.
    expect(await owner.request('GET', '/api/v1/entry')).toMatchObject({ status: 200, body: { setUp: true } });
    expect((await owner.hosts()).map(({ name }) => name)).toEqual(['nas']);
    await more(seconds, 5);
    await startServer();
    await until(() => isReady(owner), { timeoutMs: 30_000, what: 'it is ready again' });
    expect(await owner.request('POST', '/api/v1/agents/tokens', {})).toMatchObject({ status: 201 });
    await more(seconds, 12);
    await appliance.kill();
    await start(place);
    await more(seconds, 3);
    expectOnceEach(await perSecond(owner, from));
    expect(appliance.output()).not.toContain(PASSWORD);
  }, 180_000);

  test.each([
    ['killed', 'SIGKILL', 'SIGKILL'],
    ['told to stop', 'SIGTERM', 0],
  ] as const)(
    'that is %s while its database is away ends, comes up before it, and has every frame once when both are back',
    async (_, signal, end) => {
      const { place, appliance, owner, from, seconds } = await startFleet();
      await killServer();
      await until(async () => !(await isReady(owner)), { timeoutMs: 30_000, what: 'it says that it is not ready' });
      await more(seconds, 5);
      appliance.signal(signal);
      expect(await appliance.ended()).toBe(end);
      const starting = start(place);
      await until(
        () =>
          fetch(appliance.httpUrl).then(
            () => false,
            () => true,
          ),
        { what: 'nothing answers yet' },
      );
      await startServer();
      await starting;
      await more(seconds, 12);
      expectOnceEach(await perSecond(owner, from));
    },
    180_000,
  );

  test('keeps others away from its database, with or without an agent, and whether or not it runs', async () => {
    const place = await newPlace();
    const first = await start(place);
    const other = { dataDir: temporaryDirectory(), env: { ...place.env, REEVE_HTTP_PORT: '0', REEVE_HTTPS_PORT: '0' } };
    await expect(startAppliance(other)).rejects.toThrow(/is in use by/);
    await first.stop();
    await expect(startAppliance(other)).rejects.toThrow(/holds the data of another appliance/);
    const { REEVE_STORE: _, ...without } = place.env;
    await expect(startAppliance({ ...place, env: without })).rejects.toThrow(/REEVE_STORE/);
    const again = await start(place);
    expect(again.setupCode).not.toBe('');
    await again.stop();
  }, 60_000);
});
