import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VERSION } from '../../agent/version.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { createOwner } from '../helpers/owner.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { makeDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { makeFor } from './make.ts';

/** Debian's wine without its 32-bit half, which has no command of its own. */
const WINE = '/usr/lib/wine/wine64';

let executable: string;
let prefix: string;
let appliance: RunningAppliance;

beforeAll(async () => {
  executable = await makeFor('win32-x64', 'reeve-agent.exe');
  prefix = path.join(makeDirectory(), 'wine');
  appliance = await startAppliance();
});

afterAll(async () => {
  await startProgram(['/usr/lib/wine/wineserver', '--kill', '--wait'], { env: { WINEPREFIX: prefix } }).ended();
  await appliance?.kill();
});

let runs = 0;

/** Wine gives a Node no pipe that it can write to, so what it says goes to a file. */
function start(parameters: string[], env: Record<string, string> = {}): Program {
  runs += 1;
  const file = path.join(path.dirname(executable), `said-${runs}`);
  writeFileSync(file, '');
  const words = ['bash', '-c', 'exec "$@" >"$0" 2>&1 </dev/null', file, WINE, executable, ...parameters];
  // Wine says that it is Windows 7, which Node refuses.
  const wine = { WINEPREFIX: prefix, WINEDEBUG: '-all', NODE_SKIP_PLATFORM_CHECK: '1' };
  const program = startProgram(words, { env: { ...wine, REEVE_AGENT_STATE: 'C:\\reeve', REEVE_MDNS: 'off', ...env } });
  return { ...program, output: () => readFileSync(file, 'latin1') };
}

test('the executable for Windows bears no signature of others, which would be a wrong one', () => {
  const bytes = readFileSync(executable);
  const certificates = bytes.readUInt32LE(0x3c) + 24 + 112 + 4 * 8;
  expect([bytes.readUInt32LE(certificates), bytes.readUInt32LE(certificates + 4)]).toEqual([0, 0]);
});

test('the executable for Windows runs and reads, though there is no PowerShell', async () => {
  const said = start(['doctor']);
  expect(await said.ended(120_000)).toBe(0);
  expect(said.output()).toContain(`Reeve agent ${VERSION}, Node 22`);
  expect(said.output()).toMatch(/Processor +read, \d+ values/);
  expect(said.output()).toMatch(/Memory +read, \d+ values/);
});

test('it pairs over TLS, and its host is online', async () => {
  const owner = await createOwner(appliance);
  const pairing = start(['pair', '--hub', appliance.httpsUrl], { REEVE_TOKEN: await owner.token() });
  expect(await pairing.ended(120_000), pairing.output()).toBe(0);
  const agent = start([]);
  const isOnline = async () => (await owner.hosts()).some(({ status }) => status === 'online');
  await until(isOnline, { timeoutMs: 120_000, everyMs: 500, what: `online: ${agent.output()}` });
  await agent.kill();
});
