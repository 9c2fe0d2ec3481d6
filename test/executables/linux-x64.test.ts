import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VERSION } from '../../agent/version.ts';
import { releasesIn } from '../../appliance/agents/releases.ts';
import { MOST_BYTES } from '../../image/executables/platforms.mjs';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { startProgram } from '../helpers/program.ts';
import { ROOT } from '../helpers/root.ts';
import { makeDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { insideOf, makeBareRoot } from './harness/bare-root.ts';

const DIR = path.join(ROOT, 'dist/executables');
const PLACE = '/usr/local/lib/reeve-agent/reeve-agent';
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const record = () => JSON.parse(readFileSync(path.join(DIR, 'linux-x64.json'), 'utf8'));

let root: string;
let appliance: RunningAppliance;
let owner: Owner;

const STATE = { REEVE_AGENT_STATE: '/state', REEVE_MDNS: 'off' };
const start = (parameters: string[], { env = {}, input }: { env?: Record<string, string>; input?: string } = {}) =>
  startProgram([...insideOf(root, { ...STATE, ...env }), PLACE, ...parameters], input ? { input } : {});

beforeAll(async () => {
  const file = path.join(makeDirectory(), 'reeve-agent');
  writeFileSync(file, gunzipSync(readFileSync(path.join(DIR, 'linux-x64.gz'))), { mode: 0o755 });
  root = makeBareRoot(file, PLACE);
  appliance = await startAppliance();
  owner = await createOwner(appliance);
});

afterAll(async () => {
  await appliance?.kill();
});

test('both packed forms hold the same executable of this build, and the one by xz is small enough', () => {
  const { script, size, sha256: whole, files } = record();
  expect(script).toBe(sha256(readFileSync(path.join(ROOT, 'dist/agent/agent.cjs'))));
  const xz = execFileSync('xz', ['-dc', path.join(DIR, 'linux-x64.xz')], { maxBuffer: 2 ** 28 });
  const gz = gunzipSync(readFileSync(path.join(DIR, 'linux-x64.gz')));
  expect([xz, gz].map((bytes) => ({ size: bytes.length, sha256: sha256(bytes) }))).toEqual([
    { size, sha256: whole },
    { size, sha256: whole },
  ]);
  for (const packing of ['xz', 'gz'])
    expect(sha256(readFileSync(path.join(DIR, `linux-x64.${packing}`)))).toBe(files[packing].sha256);
  expect(statSync(path.join(DIR, 'linux-x64.xz')).size).toBeLessThanOrEqual(MOST_BYTES);
});

test('an appliance of this build hands it out', async () => {
  const { releases } = (await releasesIn(path.join(ROOT, 'dist'))) ?? {};
  const release = releases?.find(({ platform }) => platform === 'linux-x64');
  expect(release).toMatchObject({ version: VERSION, size: record().size, sha256: record().sha256 });
  const fetched = await fetch(`${appliance.httpUrl}${release?.files[0]?.path}`);
  expect(sha256(Buffer.from(await fetched.arrayBuffer()))).toBe(release?.files[0]?.sha256);
});

test('where there is nothing but its libraries it runs, and takes no options of Node from the environment', async () => {
  const said = start(['--version'], { env: { NODE_OPTIONS: '--require /nowhere.js' } });
  expect(await said.ended()).toBe(0);
  expect(said.output()).toBe(`${VERSION}\n`);
  const program = readFileSync(path.join(root, PLACE), 'latin1');
  for (const flag of AGENT_FLAGS) expect(program).toContain(flag);
});

test('its doctor says what it reads', async () => {
  const said = start(['doctor']);
  expect(await said.ended(60_000)).toBe(0);
  expect(said.output()).toMatch(/Processor +read, \d+ values/);
  expect(said.output()).toMatch(/Node 22\./);
});

test('--stdout shows values of this machine', async () => {
  const said = start(['--stdout', '--interval', '1s']);
  await until(() => /system\.cpu\.utilization.*\d/.test(said.output()), {
    timeoutMs: 30_000,
    what: `values: ${said.output()}`,
  });
  await said.kill();
});

test('it pairs over TLS, its frames are stored, it ends in good order, and comes back as the same host', async () => {
  const online = async () => (await owner.hosts()).filter(({ status }) => status === 'online');
  const first = start(['--token', '-', '--hub', appliance.httpsUrl], { input: `${await owner.token()}\n` });
  await until(async () => (await online()).length === 1, { timeoutMs: 60_000, what: `online: ${first.output()}` });
  const [host] = await online();
  const stored = async () =>
    (await owner.history(host?.id ?? '', { from: Date.now() - 600_000, to: Date.now() })).series.find(
      ({ metric, average }) => metric === 'system.memory.utilization' && average.some((value) => (value ?? 0) > 0),
    );
  await until(stored, { timeoutMs: 60_000, everyMs: 500, what: 'its memory is in the history' });
  await first.stop();
  const second = start([]);
  await until(() => / connected /.test(second.output()), { timeoutMs: 60_000, what: `again: ${second.output()}` });
  expect((await owner.hosts()).map(({ id }) => id)).toEqual([host?.id]);
  await second.stop();
});
