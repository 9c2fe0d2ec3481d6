import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { freePort } from '../helpers/ports.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { ROOT } from '../helpers/root.ts';
import { until } from '../helpers/until.ts';
import { Avahi, whyNoAvahi } from './harness/avahi.ts';
import { openDoor } from './harness/door.ts';
import { TestLan } from './harness/namespaces.ts';
import type { RunningProgram } from './harness/running.ts';

const AGENT = join(ROOT, 'dist/agent/agent.cjs');
const noAvahi = whyNoAvahi() !== undefined;
const NAMES = ['nas', 'pi', 'box'];

/** Hosts of the LAN: 1 the appliance, 2 to 4 the agents, 5 the rogue, 6 avahi. */
let lan: TestLan;
let closeDoor: (() => void) | undefined;
let avahi: Avahi | undefined;
let rogue: RunningProgram;
let appliance: RunningAppliance;
let owner: Owner;
const agents = new Map<string, Program>();
const directories: string[] = [];

beforeAll(async () => {
  lan = new TestLan({ hosts: 6 });
  const port = await freePort();
  closeDoor = await openDoor(lan.host(1), port);
  if (!noAvahi) avahi = await Avahi.start(lan.host(6));
  rogue = await lan.host(5).run('rogue', {});
  await rogue.line({ kind: 'ready' });
  const env = { REEVE_MDNS: 'on', REEVE_HTTP_PORT: String(port), REEVE_HTTPS_PORT: '8443' };
  appliance = await startAppliance({ within: within(1), env });
  directories.push(appliance.dataDir);
  owner = await createOwner(appliance);
  await rogue.line({ kind: 'copied' });
});

afterAll(async () => {
  await Promise.allSettled([...agents.values(), appliance].map((program) => program?.kill()));
  avahi?.stop();
  closeDoor?.();
  lan?.close();
  for (const directory of directories) removeDirectory(directory);
});

const within = (host: number) => ['ip', 'netns', 'exec', lan.host(host).namespace];

function startAgent(host: number, name: string, env: Record<string, string> = {}): Program {
  const state = makeDirectory('reeve-agent-');
  directories.push(state);
  const settings = { REEVE_AGENT_STATE: state, REEVE_NAME: name, REEVE_MACHINE_ID: `lan-${process.pid}-${name}` };
  const program = startProgram([...within(host), process.execPath, AGENT], { env: { ...settings, ...env } });
  agents.set(name, program);
  return program;
}

const online = async () => (await owner.hosts()).filter(({ status }) => status === 'online').map(({ name }) => name);
/** What is stored of a host from a moment on. */
const history = (hostId: string, from: number) =>
  owner.history(hostId, { from, to: Date.now() + 1_000, maxPoints: 5_000 });

describe('a LAN with an appliance, three agents and a rogue', () => {
  it('the three pair with the right one by mDNS alone, and the rogue gets no proof', async () => {
    const tokens = await Promise.all(NAMES.map(() => owner.token()));
    // The right one's cable is out until the rogue has been asked: otherwise the quickest answer decides who is met first.
    lan.host(1).ip('link', 'set', 'eth0', 'down');
    for (const [i, name] of NAMES.entries())
      startAgent(i + 2, name, { REEVE_TOKEN: tokens[i] ?? '', REEVE_INTERVAL: '1s' });
    await rogue.line({ kind: 'asked' });
    lan.host(1).ip('link', 'set', 'eth0', 'up');
    const startedAt = Date.now();
    await until(async () => (await online()).length === 3, {
      timeoutMs: 30_000,
      what: `three hosts are online; the agents wrote ${[...agents.values()].map((one) => one.output()).join('\n')}`,
    });
    console.log(
      `three agents found the appliance, paired and sent frames ${Date.now() - startedAt} ms after its cable was in`,
    );
    expect((await online()).sort()).toEqual([...NAMES].sort());
    const asked = rogue.lines.filter(({ kind }) => kind === 'asked');
    expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(['/api/v1/pairing/start']));
    for (const token of tokens) {
      for (const { body } of asked) expect(body).not.toContain(token.replaceAll('-', '').slice(10, 20));
    }
  });

  it('all three stream frames that are stored', async () => {
    const from = Date.now();
    for (const { id } of await owner.hosts()) {
      const stored = async () => {
        const { series } = await history(id, from);
        return series.find(({ average }) => average.filter((value) => value !== null).length > 3);
      };
      await until(stored, { what: 'more than three values of a series are stored' });
    }
  });

  it.skipIf(noAvahi)('avahi-browse, a foreign client, sees and resolves the appliance', async () => {
    const records = await until(async () => {
      const found = (await avahi?.browse('_reeve._tcp')) ?? [];
      return found.some(({ address }) => address === lan.host(1).address) && found;
    });
    const ours = records.find(({ address }) => address === lan.host(1).address);
    expect(ours?.port).toBe(8443);
    expect(ours?.txt).toMatch(/"id=[0-9a-f-]{36}"/);
    expect(ours?.txt).toMatch(/"ca=[\w-]{43}"/);
  });

  it('an agent without a token is discovered within 1.5 s of its start', async () => {
    const startedAt = Date.now();
    const waiting = startAgent(2, 'waiting');
    const seen = await until(async () => {
      const { body } = await owner.request('GET', '/api/v1/agents/discovered');
      return (body as { items: { address: string }[] }).items.find(({ address }) => address === lan.host(2).address);
    });
    const afterMs = Date.now() - startedAt;
    console.log(`discovered ${afterMs} ms after its start`);
    expect(seen).toMatchObject({ version: expect.any(String) });
    expect(afterMs).toBeLessThan(1_500);
    await waiting.stop();
  });

  it('an agent without a token joins by digits: found by mDNS, typed in the dashboard, confirmed on its host', async () => {
    const joining = startAgent(4, 'digits', { REEVE_INTERVAL: '1s' });
    const state = directories.at(-1) ?? '';
    const command = (...words: string[]) => {
      const [program = '', ...rest] = [...within(4), process.execPath, AGENT, ...words];
      return execFileSync(program, rest, { encoding: 'utf8', env: { ...process.env, REEVE_AGENT_STATE: state } });
    };
    // The rogue answers no request to join; the digits are those beside the address of the right one.
    const line = new RegExp(`(\\d{3}) (\\d{3}) +https://${lan.host(1).address}:8443`);
    const shown = await until(() => line.exec(command('status')), { timeoutMs: 30_000, everyMs: 500 });
    const digits = `${shown[1]}${shown[2]}`;
    const { body } = await owner.request('GET', '/api/v1/agents/joins');
    const { items } = body as { items: { id: string; name: string; address: string }[] };
    const request = items.find(({ name }) => name === 'digits');
    expect(request).toMatchObject({ address: lan.host(4).address });
    expect(await online()).not.toContain('digits');
    await owner.request('POST', `/api/v1/agents/joins/${request?.id}/accept`, { digits });
    await until(() => command('status').includes('says that the digits were typed there'), {
      timeoutMs: 15_000,
      everyMs: 500,
    });
    expect(command('confirm', digits)).toContain('is paired');
    await until(async () => (await online()).includes('digits'), { timeoutMs: 30_000, what: joining.output() });
    await joining.stop();
  });

  it('a token that was used pairs nobody else', async () => {
    const token = await owner.token();
    const first = startAgent(3, 'first', { REEVE_TOKEN: token });
    await until(async () => (await online()).includes('first'), { timeoutMs: 30_000, what: first.output() });
    const second = startAgent(4, 'second', { REEVE_TOKEN: token });
    await until(() => /not paired yet|does not know the token/.test(second.output()), { timeoutMs: 30_000 });
    expect((await owner.hosts()).map(({ name }) => name)).not.toContain('second');
    await Promise.all([first.stop(), second.kill()]);
  });

  it('agents find the appliance again when it has moved to another address, and no frame is lost', async () => {
    const hosts = (await owner.hosts()).filter(({ name }) => NAMES.includes(name));
    const host = lan.host(1);
    const movedAt = Date.now();
    host.ip('addr', 'flush', 'dev', 'eth0');
    host.ip('addr', 'add', '10.77.0.77/24', 'brd', '+', 'dev', 'eth0');
    const newest = async (id: string) => (await history(id, movedAt)).at.at(-1) ?? 0;
    const isBack = async (id: string) => (await newest(id)) > Date.now() - 3_000;
    await until(async () => !(await isBack(hosts[0]?.id ?? '')), {
      timeoutMs: 60_000,
      what: 'the old address is gone',
    });
    for (const { id, name } of hosts) {
      const what = `${name} is back: ${agents.get(name)?.output().slice(-1_000)}`;
      await until(() => isBack(id), { timeoutMs: 90_000, everyMs: 200, what });
    }
    console.log(`all three were back ${Date.now() - movedAt} ms after the appliance had moved`);
    for (const { id } of hosts) {
      const { gaps } = await owner.history(id, { from: movedAt - 3_000, to: Date.now() - 3_000, maxPoints: 5_000 });
      expect(gaps).toEqual([]);
    }
  });
});
