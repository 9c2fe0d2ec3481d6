import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RollOut } from '../../protocol/routes/roll-outs.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { until } from '../helpers/until.ts';
import { copyRoot, Machine } from './harness/machine.ts';
import { addNextExecutable, makeNextBuild } from './harness/next-build.ts';

/** Ends as soon as it is tried; what is asked of it before, it answers. */
const BROKEN = "if (process.env.REEVE_AGENT_ROLE === 'trial') throw new Error('this version is broken');\n";
const MAY_UPDATE = { may: [{ action: 'update_agent' }] };

describe.each([
  { kind: 'script', hasNode: true },
  { kind: 'linux-x64', hasNode: false },
])('an admin’s order to update, where systemd runs the agent as $kind', ({ kind, hasNode }) => {
  let machine: Machine;
  let appliance: RunningAppliance;
  let owner: Owner;

  beforeAll(async () => {
    const root = copyRoot(inject('debian'));
    if (!hasNode) rmSync(join(root, 'usr/bin/node'));
    machine = await Machine.boot(root);
    appliance = await startAppliance();
    owner = await createOwner(appliance);
    const { body } = await owner.request('POST', '/api/v1/agents/tokens', MAY_UPDATE);
    const line = (body as { commands: { command: string }[] }).commands[0]?.command ?? '';
    expect(await machine.run(line)).toMatchObject({ code: 0 });
    await isOnline();
  }, 400_000);

  afterAll(async () => {
    await machine?.stop();
    await appliance?.kill();
  }, 60_000);

  const journal = async () => (await machine.run('journalctl -u reeve-agent -n 30 --no-pager')).text;
  const isOnline = () =>
    until(async () => (await owner.hosts()).some(({ status }) => status === 'online'), { timeoutMs: 60_000 }).catch(
      async () => Promise.reject(new Error(`its host is not online: ${await journal()}`)),
    );
  const pid = async () => Number((await machine.run('systemctl show --property MainPID --value reeve-agent')).text);
  const runs = async () => (await machine.run(`readlink /proc/${await pid()}/exe`)).text;

  /** The same appliance, at the same place, hands out another agent. */
  async function becomes(dist: string): Promise<void> {
    if (kind !== 'script') await addNextExecutable(dist);
    const port = (url: string) => new URL(url).port;
    const env = { REEVE_HTTP_PORT: port(appliance.httpUrl), REEVE_HTTPS_PORT: port(appliance.httpsUrl) };
    await appliance.stop();
    appliance = await startAppliance({ dataDir: appliance.dataDir, dist, env });
    type Agents = { items: { update?: string; connected: boolean }[] };
    const agents = async () => (await owner.request('GET', '/api/v1/agents')).body as Agents;
    const isReady = async () => (await agents()).items.some(({ connected, update }) => connected && update === 'ready');
    await until(isReady, { timeoutMs: 60_000, what: 'the agent is connected and can be updated' });
  }

  async function rollOut(): Promise<RollOut> {
    const { body, status } = await owner.request('POST', '/api/v1/agents/roll-outs', {});
    expect(status, JSON.stringify(body)).toBe(202);
    const { id } = body as RollOut;
    return until(
      async () => {
        const now = (await owner.request('GET', `/api/v1/agents/roll-outs/${id}`)).body as RollOut;
        return now.endedAt === undefined ? undefined : now;
      },
      { timeoutMs: 180_000, everyMs: 500, what: 'the update is over' },
    );
  }

  it('brings it to the next version, which systemd starts, as the same account in the same sandbox', async () => {
    const before = await pid();
    await becomes(makeNextBuild('0.9.1'));
    const over = await rollOut();
    expect(over, await journal()).toMatchObject({ state: 'done', agents: [{ state: 'done', from: '0.1.0' }] });
    expect(await pid()).not.toBe(before);
    expect((await owner.hosts())[0]).toMatchObject({ agentVersion: '0.9.1', status: 'online' });
    expect((await machine.run('reeve-agent --version')).text.trim()).toBe('0.9.1');
    if (!hasNode) expect(await runs()).toMatch(/^\/var\/lib\/reeve-agent\/versions\/0\.9\.1-/);
    expect((await machine.run(`stat -c %U /proc/${await pid()}`)).text.trim()).toBe('reeve-agent');
    expect((await machine.run(`grep -E "^(NoNewPrivs|Seccomp|CapEff)" /proc/${await pid()}/status`)).text).toMatch(
      /CapEff:\s+0+\nNoNewPrivs:\s+1\nSeccomp:\s+2/,
    );
  });

  it('to a version that is broken goes back to the one that runs, and says why', async () => {
    await becomes(makeNextBuild('0.9.2', BROKEN));
    const over = await rollOut();
    expect(over).toMatchObject({ state: 'stopped', agents: [{ state: 'failed', from: '0.9.1' }] });
    expect(over.agents[0]?.reason).toContain('this version is broken');
    await isOnline();
    expect((await owner.hosts())[0]).toMatchObject({ agentVersion: '0.9.1' });
    expect((await machine.run('systemctl is-active reeve-agent')).text.trim()).toBe('active');
  });

  it('outlives a start of the machine’s service, and leaves nothing when it is taken away', async () => {
    await machine.run('systemctl restart reeve-agent');
    await isOnline();
    expect((await machine.run('reeve-agent --version')).text.trim()).toBe('0.9.1');
    const { body } = await owner.request('POST', '/api/v1/agents/tokens', {});
    const line = (body as { commands: { command: string }[] }).commands[0]?.command ?? '';
    const away = line.replace(/REEVE_TOKEN=\S+ /, '').replace(/ sh$/, ' sh -s -- --uninstall');
    expect(await machine.run(away)).toMatchObject({ code: 0 });
    const left = await machine.run('find / -xdev -name "*reeve*" -not -path "/proc/*" -not -path "/var/log/*"');
    expect(left.text.trim()).toBe('');
  });
});
