import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPacks } from '../../image/executables/pack.mjs';
import type { RunningAppliance } from '../helpers/appliance.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { startProgram } from '../helpers/program.ts';
import { ROOT } from '../helpers/root.ts';
import { makeDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { insideOf, makeBareRoot } from './harness/bare-root.ts';
import { startAsImage } from './harness/image.ts';

/** `npm test -- executables` packs that of this machine; with all of them (`npm run build:packs`) each is compared. */
const PLACE = '/usr/local/lib/reeve-agent/reeve-agent';
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let packs: Record<string, { json: string; pack: string }>;
let appliance: RunningAppliance;
let owner: Owner;

beforeAll(async () => {
  const wanted = process.env.REEVE_TEST_PLATFORMS?.split(',') ?? ['linux-x64'];
  packs = await buildPacks('linux-x64', wanted);
  appliance = await startAsImage(packs);
  owner = await createOwner(appliance);
}, 900_000);

afterAll(async () => {
  await appliance?.kill();
});

test('the executable of the own processor is next to nothing beside the Node that is there', () => {
  expect(readFileSync(packs['linux-x64']?.pack ?? '').length).toBeLessThan(2_500_000);
});

test('an appliance that is an image unpacks each with its own Node, and hands it out as it was built', async () => {
  for (const platform of Object.keys(packs)) {
    const url = `${appliance.httpUrl}/agent/${platform}.gz`;
    const isThere = async () => (await fetch(url, { method: 'HEAD' })).ok || (await fetch(url)).ok;
    await until(isThere, { timeoutMs: 120_000, everyMs: 1_000, what: `${platform}: ${appliance.output()}` });
    const whole = gunzipSync(await (await fetch(url)).arrayBuffer());
    const built = JSON.parse(readFileSync(path.join(ROOT, `dist/executables/${platform}.json`), 'utf8'));
    expect({ size: whole.length, sha256: sha256(whole) }).toEqual({ size: built.size, sha256: built.sha256 });
  }
}, 700_000);

test('an agent that its installer fetched runs where there is no Node, pairs, and is online', async () => {
  const fresh = makeDirectory();
  const installer = await (await fetch(`${appliance.httpUrl}/install.sh`)).text();
  const functions = installer.replace(/main "\$@"\n$/, '');
  const words = [functions, 'OS=linux ARCH=x64 LIBC=', `get_executable '${fresh}'`];
  execFileSync('sh', { input: words.join('\n') });
  const root = makeBareRoot(path.join(fresh, 'reeve-agent'), PLACE);
  const inside = insideOf(root, { REEVE_AGENT_STATE: '/state', REEVE_MDNS: 'off' });
  const input = `${await owner.token()}\n`;
  const agent = startProgram([...inside, PLACE, '--token', '-', '--hub', appliance.httpsUrl], { input });
  const isOnline = async () => (await owner.hosts()).some(({ status }) => status === 'online');
  await until(isOnline, { timeoutMs: 60_000, what: `online: ${agent.output()}` });
  await agent.stop();
});
