import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Hub } from '../../../appliance/hub.ts';
import { openLog } from '../../../appliance/log.ts';
import { openLogFile } from '../../../appliance/log-file.ts';
import { RecentLines } from '../../../appliance/recent-lines.ts';
import { serveHealth } from '../../../appliance/system/health.ts';
import { Heartbeats } from '../../../appliance/system/heartbeats.ts';
import { healthParts } from '../../../appliance/system/parts.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

let bench: InProcess | undefined;
afterEach(() => bench?.stop());

describe('the last lines of the log', () => {
  test('are bounded in lines and in characters, and go on from a number', () => {
    const lines = new RecentLines({ lines: 10, characters: 1_000 });
    for (let n = 1; n <= 30; n++) lines.write(`line ${n}\n`);
    expect(lines.since(0).map(({ text }) => text)).toHaveLength(10);
    expect(lines.since(28)).toEqual([
      { n: 29, text: 'line 29' },
      { n: 30, text: 'line 30' },
    ]);
    lines.write('x'.repeat(100_000));
    expect(lines.since(0).length).toBe(0);
  });

  test('hold no secret that the log masks', () => {
    const lines = new RecentLines();
    const log = openLog({ level: 'trace', isTerminal: false, destination: { write: () => undefined }, also: [lines] });
    log.info({ passphrase: 'canary', deep: { token: 'canary', more: { password: 'canary' } } }, 'said');
    expect(lines.since(0)[0]?.text).toContain('[masked]');
    expect(lines.since(0)[0]?.text).not.toContain('canary');
  });

  test('are for owners, filtered by level, component and text', async () => {
    bench = await startInProcess({ logLevel: 'debug' });
    await bench.setUp();
    const read = async (query: string) =>
      (await bench?.call('GET', `/api/v1/system/log?${query}`))?.body as unknown as {
        items: { level: string; component: string; text: string; line: string }[];
        next: number;
        components: string[];
      };
    const all = await read('');
    expect(all.components).toContain('access');
    expect((await read('level=error')).items).toEqual([]);
    expect((await read('component=access')).items.every(({ component }) => component === 'access')).toBe(true);
    expect((await read('text=REQUEST')).items.length).toBeGreaterThan(0);
    const known = new Set(all.items.map(({ line }) => line));
    const newer = (await read(`after=${all.next}`)).items;
    expect(newer.length).toBeGreaterThan(0);
    expect(newer.filter(({ line }) => known.has(line))).toEqual([]);
    bench.forgetCookie();
    expect((await bench.call('GET', '/api/v1/system/log')).status).toBe(401);
    expect((await bench.call('GET', '/api/v1/system')).status).toBe(401);
  });
});

test('a log file turns over before it is too large, and three are kept', async () => {
  const file = join(temporaryDirectory(), 'logs', 'reeve.log');
  const log = openLogFile(file, { mostBytes: 1_000 });
  const line = `${'x'.repeat(99)}\n`;
  for (let n = 0; n < 100; n++) {
    log.write(line);
    if (n % 10 === 9) await until(() => existsSync(file));
  }
  log.close();
  const sizes = [file, `${file}.1`, `${file}.2`].map((each) => readFileSync(each).length);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(1_000);
  expect(existsSync(`${file}.3`)).toBe(false);
});

describe('heartbeats', () => {
  const minute = 60_000;
  const frame = (hub: Hub, hostId: string, parts: object = {}) =>
    hub.emit('frame', {
      siteId: 's',
      hostId,
      at: 0,
      receivedAt: 0,
      late: false,
      grade: 'durable',
      series: [],
      values: [1, 2],
      ...parts,
    });

  test('are the share of frames that came in time, of all that should have', () => {
    const hub = new Hub(() => undefined);
    const beats = new Heartbeats(hub);
    expect(beats.shares()).toBeUndefined();
    const hosts = [
      { id: 'a', intervalMs: 5_000, status: 'online' as const },
      { id: 'b', intervalMs: 10_000, status: 'offline' as const },
      { id: 'never', intervalMs: 5_000, status: 'unknown' as const },
    ];
    for (let n = 0; n < 12; n++) frame(hub, 'a');
    for (let n = 0; n < 3; n++) frame(hub, 'b');
    frame(hub, 'b', { late: true });
    frame(hub, 'b', { grade: 'watch' });
    beats.tick(minute, hosts);
    expect(beats.shares()).toEqual({ sinceAt: 0, received: 15 / 18, online: 0.5 });
    expect(beats.ingest).toEqual({ framesPerSecond: 0.27, valuesPerSecond: 0.53, lateFrames: 1 });
    beats.tick(2 * minute, hosts);
    expect(beats.shares()?.received).toBeCloseTo(15 / 36);
  });

  test('are kept for a day', () => {
    const beats = new Heartbeats(new Hub(() => undefined));
    const hosts = [{ id: 'a', intervalMs: 5_000, status: 'online' as const }];
    for (let n = 1; n <= 2_000; n++) beats.tick(n * minute, hosts);
    expect(beats.shares()?.sinceAt).toBe((2_000 - 1_440) * minute);
  });
});

test('the appliance tells how it fares', async () => {
  bench = await startInProcess();
  const { call, setUp } = bench;
  await setUp();
  const { status, body } = await call('GET', '/api/v1/system');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    backup: null,
    targets: [],
    eventLoop: { meanMs: expect.any(Number) },
    ingest: { agents: 0 },
    store: { place: bench.data },
  });
});

test('a database that is away fails the store, says why and what agents do meanwhile, and is forgotten when it is back', () => {
  let trouble: string | undefined = 'reeve on db.example:5432 cannot be reached: connection refused';
  const store = { place: 'PostgreSQL reeve on db.example:5432', trouble: () => trouble };
  const [part] = healthParts({ store, quarantined: () => [], image: () => undefined } as never);
  expect(part?.check()).toEqual({
    status: 'failed',
    detail: expect.stringMatching(/^reeve on db.*refused\. .*agents keep/),
  });
  trouble = undefined;
  expect(part?.check()).toEqual({ status: 'ok', detail: 'all in order in PostgreSQL reeve on db.example:5432' });
});

test('what failed is told to owners; others hear only which part it is', () => {
  const detail = 'reeve on db.example:5432 cannot be reached';
  const handlers = new Map<string, (call: object) => unknown>();
  const routes = { serve: ({ id }: { id: string }, handler: (call: object) => unknown) => handlers.set(id, handler) };
  const parts = [{ name: 'store', check: () => ({ status: 'failed' as const, detail }) }];
  serveHealth(routes as never, { version: '1.0.0', parts });
  const asked = (session?: object) => () => handlers.get('health.ready')?.({ session });
  expect(asked({ role: 'owner' })).toThrow(detail);
  expect(asked()).toThrow(/^store has failed; the log/);
  expect(asked({ role: 'admin' })).toThrow(/^store has failed; the log/);
});

test('a job that has a time and failed makes the appliance degraded; one that was only asked for does not', () => {
  const last = {
    id: 'x',
    jobId: 'backup',
    startedAt: 1,
    state: 'failed' as const,
    by: 'schedule',
    text: 'the disk is full',
  };
  const job = { id: 'backup', title: 'Make a backup', schedule: '', last };
  const stateOf = (jobs: object[]) =>
    healthParts({ jobs: () => jobs, image: () => undefined } as never)
      .find(({ name }) => name === 'jobs')
      ?.check();
  expect(stateOf([{ ...job, nextAt: 5 }])).toEqual({
    status: 'degraded',
    detail: 'failed: Make a backup: the disk is full',
  });
  expect(stateOf([job])?.status).toBe('ok');
  expect(stateOf([])?.detail).toContain('none has run');
});
