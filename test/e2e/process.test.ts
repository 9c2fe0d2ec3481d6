import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { io } from 'socket.io-client';

import { describe, expect, test } from 'vitest';
import { pairWith } from '../../discovery/pairing/client.ts';
import { ROOT } from '../architecture/tree.ts';
import { startAppliance } from '../helpers/appliance.ts';
import { connectByHand, declared, frameOf } from '../helpers/hand-agent.ts';
import { createOwner } from '../helpers/owner.ts';
import { someFacts } from '../helpers/pairing-appliance.ts';
import { holdPort } from '../helpers/ports.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

/** Processes below one, at any depth. */
function childrenOf(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const direct = table.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
  return direct.flatMap((child) => [child, ...childrenOf(child)]);
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

const settings = (dataDir: string) => ({
  REEVE_DATA: dataDir,
  REEVE_HTTP_PORT: '0',
  REEVE_HTTPS_PORT: '0',
  REEVE_MDNS: 'off',
  REEVE_SELF_AGENT: 'off',
});

const runFile = (dataDir: string) => JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));

async function started(program: Program, dataDir: string): Promise<void> {
  await until(() => !program.isRunning() || runFile(dataDir).pid > 0, {
    timeoutMs: 60_000,
    what: 'npm start has started the appliance',
  });
}

describe('npm start', () => {
  test('ends with 0 on a SIGTERM to npm itself, and leaves no process behind', async () => {
    const dataDir = temporaryDirectory();
    const npm = startProgram(['npm', 'start'], { cwd: ROOT, env: settings(dataDir) });
    await started(npm, dataDir);
    const { pid } = runFile(dataDir);
    const family = childrenOf(npm.pid);
    expect(family).toContain(pid);
    await npm.stop();
    await until(() => !family.some(isAlive), { what: 'every process below npm is gone' });
    expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
  });

  test('is one process below npm: nothing stands between a signal and the appliance', async () => {
    const dataDir = temporaryDirectory();
    const npm = startProgram(['npm', 'start'], { cwd: ROOT, env: settings(dataDir) });
    await started(npm, dataDir);
    const below = childrenOf(npm.pid);
    await npm.stop();
    expect(below.length).toBe(1);
  });

  test('prints a link with the set-up code, which is new at each start and in no file', async () => {
    const dataDir = temporaryDirectory();
    const first = await startAppliance({ dataDir });
    await first.stop();
    const second = await startAppliance({ dataDir });
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const telling = files.filter(({ parentPath, name }) =>
      readFileSync(join(parentPath, name)).includes(second.setupCode),
    );
    await second.stop();
    expect(first.setupCode).toMatch(/^[\w-]{22}$/);
    expect(second.setupCode).not.toBe(first.setupCode);
    expect(files.length).toBeGreaterThan(3);
    expect(telling.map(({ name }) => name)).toEqual([]);
  });
});

describe('a stop while others are connected', () => {
  test('does not wait for agents, dashboards or idle connections: all are cut, and it ends with 0', async () => {
    const appliance = await startAppliance();
    const owner = await createOwner(appliance);
    const token = await owner.token('connected');
    const pairing = await pairWith(appliance.httpsUrl, { token, name: 'connected', facts: someFacts });
    const agent = await connectByHand(appliance.httpsUrl, pairing);
    await agent.say('hello', { agentVersion: '0.1.0', facts: someFacts, intervalMs: 1_000 });
    await agent.say('declare', declared);
    await agent.say('frames', { offsetMs: 0, frames: [frameOf(1)] });
    const dashboard = io(`${appliance.httpUrl}/live`, {
      transports: ['websocket'],
      extraHeaders: { cookie: owner.cookie },
      reconnection: false,
    });
    await until(() => dashboard.connected, { what: 'a dashboard is connected' });
    const idle = connect(Number(new URL(appliance.httpUrl).port), '127.0.0.1');
    await once(idle, 'connect');
    const startedAt = performance.now();
    appliance.signal('SIGTERM');
    expect(await appliance.ended()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect([agent.socket.connected, dashboard.connected]).toEqual([false, false]);
    idle.destroy();
  });
});

describe('the appliance refuses to start, and says why', () => {
  test('when its port is taken: names the port and the setting', async () => {
    const held = await holdPort(0, '::');
    const dataDir = temporaryDirectory();
    const env = { REEVE_HTTP_PORT: String(held.port) };
    const failure = await startAppliance({ dataDir, env }).catch((error: Error) => error.message);
    await held.release();
    expect(failure).toMatch(new RegExp(`${held.port}.*REEVE_HTTP_PORT`));
    expect(failure).not.toMatch(/\n\s+at /);
  });

  test('when another appliance works in the same data directory', async () => {
    const first = await startAppliance({ dataDir: temporaryDirectory() });
    const failure = await startAppliance({ dataDir: first.dataDir }).catch((error: Error) => error.message);
    expect(failure).toContain(first.dataDir);
    expect(failure).not.toMatch(/\n\s+at /);
    expect((await fetch(`${first.httpUrl}/health`)).status).toBe(200);
    await first.stop();
  });

  test('when its data were written by a newer Reeve: names both formats, and changes nothing', async () => {
    const dataDir = temporaryDirectory();
    writeFileSync(join(dataDir, 'format.json'), '{"format":9}');
    const failure = await startAppliance({ dataDir }).catch((error: Error) => error.message);
    expect(failure).toMatch(/written by a newer Reeve \(format 9; this program knows up to \d+\).*REEVE_DATA/s);
    expect(failure).not.toMatch(/\n\s+at /);
    expect(readdirSync(dataDir)).toEqual(['format.json']);
  });

  test('when a setting is wrong: names every wrong one', async () => {
    const env = { REEVE_HTTP_PORT: 'eighty', REEVE_MDNS: 'maybe' };
    const failure = await startAppliance({ env }).catch((error: Error) => error.message);
    expect(failure).toMatch(/REEVE_HTTP_PORT[\s\S]*REEVE_MDNS/);
    expect(failure).not.toMatch(/\n\s+at /);
  });
});

describe('the appliance after an end that nobody planned', () => {
  test('starts again on the data that kill -9 left', async () => {
    const first = await startAppliance({ dataDir: temporaryDirectory() });
    await first.kill();
    const second = await startAppliance({ dataDir: first.dataDir });
    await second.stop();
  });

  test('starts when run.json is a leftover with nonsense in it', async () => {
    const dataDir = temporaryDirectory();
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'run.json'), '{"pid":');
    const program = startProgram([process.execPath, 'dist/appliance/main.js'], { cwd: ROOT, env: settings(dataDir) });
    await until(() => runFile(dataDir).pid === program.pid, { timeoutMs: 30_000, what: 'run.json is written anew' });
    await program.stop();
  });
});
