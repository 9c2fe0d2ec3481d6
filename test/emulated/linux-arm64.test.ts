import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VERSION } from '../../agent/version.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { createOwner } from '../helpers/owner.ts';
import { startProgram } from '../helpers/program.ts';
import { makeDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { makeFor } from './make.ts';

/** Debian 12 names it so, and Debian 13 otherwise. */
const QEMU = ['/usr/bin/qemu-aarch64-static', '/usr/bin/qemu-aarch64'].find((file) => existsSync(file)) ?? '';

let executable: string;
let appliance: RunningAppliance;

beforeAll(async () => {
  executable = await makeFor('linux-arm64');
  appliance = await startAppliance();
});

afterAll(async () => {
  await appliance?.kill();
});

/** On an emulated processor, with the libraries of Debian's cross compiler; programs that it starts are this machine's. */
const start = (parameters: string[], stateDir: string, input?: string) =>
  startProgram([QEMU, '-L', '/usr/aarch64-linux-gnu', executable, ...parameters], {
    env: { REEVE_AGENT_STATE: stateDir, REEVE_MDNS: 'off' },
    ...(input !== undefined && { input }),
  });

test('the executable for 64-bit ARM runs and reads', async () => {
  const said = start(['doctor'], makeDirectory());
  expect(await said.ended(120_000)).toBe(0);
  expect(said.output()).toMatch(new RegExp(`Reeve agent ${VERSION}, Node 22.*arm64`));
  expect(said.output()).toMatch(/Processor +read, \d+ values/);
});

test('it pairs over TLS, and its host is online', async () => {
  const owner = await createOwner(appliance);
  const words = ['--token', '-', '--hub', appliance.httpsUrl];
  const agent = start(words, makeDirectory('reeve-agent-'), `${await owner.token()}\n`);
  const isOnline = async () => (await owner.hosts()).some(({ status }) => status === 'online');
  await until(isOnline, { timeoutMs: 120_000, everyMs: 500, what: `online: ${agent.output()}` });
  await agent.stop();
});
