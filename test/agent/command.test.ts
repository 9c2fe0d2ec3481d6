import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeIdentity } from '../../agent/identity.ts';
import { VERSION } from '../../agent/version.ts';
import { FakeGateway } from '../helpers/fake-gateway.ts';
import { testAppliance } from '../helpers/pairing-appliance.ts';
import { makeDirectory, removeDirectory, temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = makeDirectory();
const script = join(folder, 'agent.cjs');
let metafile: Metafile;
afterAll(() => removeDirectory(folder));

/** The agent as it is shipped: one CommonJS file with everything inside. */
beforeAll(async () => {
  const result = await build({
    absWorkingDir: ROOT,
    metafile: true,
    entryPoints: [join(ROOT, 'agent/entry.ts')],
    outfile: script,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'error' },
  });
  metafile = result.metafile;
}, 60_000);

interface Run {
  child: ChildProcess;
  said: () => string;
  ended: Promise<number | null>;
}

function run(parameters: string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [script, ...parameters], {
    env: { PATH: process.env.PATH, REEVE_MDNS: 'off', ...env },
  });
  let text = '';
  const keep = (part: Buffer) => {
    text += part.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, said: () => text, ended: once(child, 'close').then(([code]) => code) };
}

async function pairedGateway() {
  const hub = new FakeGateway();
  await hub.open();
  onTestFinished(() => hub.close());
  const stateDir = temporaryDirectory();
  writeIdentity(stateDir, hub.identity);
  return { hub, stateDir };
}

describe('the agent as one file', { timeout: 30_000 }, () => {
  it.runIf(process.platform === 'linux')('says at once that a state folder cannot be made', async () => {
    const { ended, said } = run(['--state', '/proc/x', '--token', 'RV-1', '--hub', 'https://127.0.0.1:1']);
    expect(await ended).toBe(1);
    expect(said()).toContain('cannot be kept in /proc/x');
    expect(said()).toContain('--state');
  });

  it('needs nothing beside it but Node', async () => {
    const probe = `process.argv[2] = '--version'; require(${JSON.stringify(script)}); process.on('exit', () => console.log(Object.keys(require.cache).length))`;
    const child = spawn(process.execPath, ['-e', probe], { cwd: folder });
    let said = '';
    child.stdout.on('data', (part) => {
      said += part;
    });
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(said.trim().split('\n').at(-1)).toBe('1');
  });

  it('loads what is rarely needed when it is needed: schemas, mDNS and systeminformation cost 20 MiB', () => {
    const inputs = metafile.inputs;
    const reached = new Set<string>();
    const walk = (path: string) => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const each of inputs[path]?.imports ?? []) if (each.kind !== 'dynamic-import') walk(each.path);
    };
    walk('agent/entry.ts');
    walk('agent/main.ts');
    expect(reached.size).toBeGreaterThan(50);
    const heavy = /zod\/v4\/classic|systeminformation|bonjour-service|multicast-dns/;
    expect([...reached].filter((path) => heavy.test(path))).toEqual([]);
  });

  it('has the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(VERSION).toBe(version);
    const { ended, said } = run(['--version']);
    expect(await ended).toBe(0);
    expect(said()).toBe(`${version}\n`);
  });

  it('explains wrong options with exit code 2 and nothing of a stack', async () => {
    const { ended, said } = run(['--interval', 'often']);
    expect(await ended).toBe(2);
    expect(said()).toContain('1s to 5m');
    expect(said()).not.toContain('    at ');
  });

  it('connects, sends, and on SIGTERM says goodbye and ends with 0 at once', async () => {
    const { hub, stateDir } = await pairedGateway();
    const { child, ended } = run(['--state', stateDir]);
    await until(() => hub.frames.length > 0, { what: 'a frame', timeoutMs: 20_000 });
    const goodbye = new Promise((resolve) => hub.sockets[0]?.once('disconnect', resolve));
    const startedAt = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(await goodbye).toBe('client namespace disconnect');
  });

  it('follows its own file when it was changed, tells the new ceiling, and keeps to the old words while it is wrong', async () => {
    const { hub, stateDir } = await pairedGateway();
    const config = join(temporaryDirectory(), 'agent.json');
    const write = (text: string) => writeFileSync(config, text, { mode: 0o600 });
    write('{"interval": "2s", "may": {"reboot": true}}');
    const service = { INVOCATION_ID: 'x'.repeat(32) };
    const { child, said } = run(['--state', stateDir, '--config', config], service);
    const told = () => hub.hellos.at(-1)?.may;
    await until(() => hub.frames.length > 0, { what: `a frame: ${said()}`, timeoutMs: 20_000 });
    expect(hub.hellos.at(-1)).toMatchObject({ intervalMs: 2_000, may: [{ action: 'reboot' }] });
    write('{"may": {"restart_service": "nginx"}}');
    child.kill('SIGHUP');
    await until(() => said().includes('what it said before holds'), { what: said() });
    expect(said()).toContain('may.restart_service');
    expect(told()).toEqual([{ action: 'reboot' }]);
    write('{"may": {"restart_service": ["nginx"]}}');
    child.kill('SIGHUP');
    await until(() => JSON.stringify(told()).includes('nginx'), { what: said(), timeoutMs: 10_000 });
    expect(told()).toEqual([{ action: 'restart_service', targets: ['nginx'] }]);
    expect(hub.hellos.at(-1)).not.toHaveProperty('intervalMs');
    expect(child.exitCode).toBeNull();
  });

  it('ends with 0 on SIGTERM also while it waits to be paired', async () => {
    const { child, ended, said } = run(['--state', temporaryDirectory()]);
    await until(() => said().includes('not paired'), { what: 'its words' });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('as a child ends when its parent’s end of the input is gone', async () => {
    const { hub, stateDir } = await pairedGateway();
    const { child, ended } = run(['--state', stateDir, '--child']);
    await until(() => hub.frames.length > 0, { what: 'a frame', timeoutMs: 20_000 });
    child.stdin?.end();
    expect(await ended).toBe(0);
  });

  it('pairs and ends for an installer, and the second time spends no token', async () => {
    const desk = await testAppliance();
    onTestFinished(() => desk.close());
    const { text } = desk.issue();
    const state = temporaryDirectory();
    const first = run(['pair', '--state', state, '--hub', desk.url], { REEVE_TOKEN: text });
    expect(await first.ended, first.said()).toBe(0);
    expect(first.said()).toContain('is paired with appliance');
    const second = run(['pair', '--state', state, '--hub', desk.url]);
    expect(await second.ended, second.said()).toBe(0);
    const without = run(['pair', '--state', temporaryDirectory(), '--hub', desk.url]);
    expect(await without.ended).toBe(2);
    expect(without.said()).toContain('REEVE_TOKEN');
  });

  it('as a child reads its token from the first line, and leaves the input open', async () => {
    const desk = await testAppliance();
    onTestFinished(() => desk.close());
    const { child, said } = run(['--state', temporaryDirectory(), '--child', '--token', '-', '--hub', desk.url]);
    child.stdin?.write(`${desk.issue().text}\n`);
    await until(() => desk.paired.length === 1, { what: 'the pairing' });
    await until(() => said().includes('not connected'), { what: 'that it goes on' });
    expect(child.exitCode).toBeNull();
  });

  it('says when no token came on standard input', async () => {
    const { child, ended, said } = run(['--token', '-', '--state', temporaryDirectory()]);
    child.stdin?.end();
    expect(await ended).toBe(2);
    expect(said()).toContain('standard input');
  });

  it('has a doctor that says what is read, and that the paired appliance is reached, without a session', async () => {
    const { hub, stateDir } = await pairedGateway();
    const { ended, said } = run(['doctor', '--state', stateDir]);
    expect(await ended).toBe(0);
    expect(said()).toMatch(/Processor +read, \d+ values/);
    expect(said()).toContain(`reached       ${hub.url}`);
    expect(said()).toContain('its clock     as here');
    expect(hub.sessions).toBe(0);
  });

  it('shows what it reads to people, and nobody else', async () => {
    const { child, said } = run(['--stdout', '--interval', '1s', '--state', temporaryDirectory()]);
    await until(() => said().includes('system.cpu.utilization'), { what: 'a block of values' });
    expect(said()).toMatch(/system\.memory\.limit +[\d.]+ [MG]iB/);
    child.kill('SIGTERM');
  });

  it('unpairs, and waits some seconds only for an appliance that does not answer', async () => {
    const { stateDir } = await pairedGateway();
    const startedAt = performance.now();
    const { ended, said } = run(['unpair', '--state', stateDir]);
    expect(await ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(said()).toContain('no longer paired');
  });
});
