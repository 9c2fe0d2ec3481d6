import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { testCa, testLeaf } from '../helpers/certificates.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { until } from '../helpers/until.ts';
import { copyRoot, Machine } from './harness/machine.ts';

/** A clean Debian with systemd, an appliance beside it, and the line that its dashboard shows. */
let machine: Machine;
let appliance: RunningAppliance;
let owner: Owner;
let before: string;

/** What there is on the machine, but for what changes by itself. */
const files = async () =>
  (
    await machine.run(
      'find / -xdev -not -path "/proc/*" -not -path "/sys/*" -not -path "/run/*" -not -path "/tmp/*" -not -path "/var/tmp/*" -not -path "/var/log/*" -not -path "/var/lib/systemd/*" -not -path "/dev/*" -not -name "*-" | sort; getent passwd; getent group',
    )
  ).text;

beforeAll(async () => {
  machine = await Machine.boot(copyRoot(inject('debian')));
  before = await files();
  appliance = await startAppliance({ env: { REEVE_SELF_AGENT: 'off' } });
  owner = await createOwner(appliance);
}, 400_000);

afterAll(async () => {
  await machine?.stop();
  await appliance?.kill();
}, 60_000);

async function lineOf(): Promise<string> {
  const { body } = await owner.request('POST', '/api/v1/agents/tokens', {});
  return (body as { commands: { command: string }[] }).commands[0]?.command ?? '';
}
const withoutToken = (line: string): string => line.replace(/REEVE_TOKEN=\S+ /, '');
const online = async () => (await owner.hosts()).filter(({ status }) => status === 'online');
const pidOf = async () => Number((await machine.run('systemctl show --property MainPID --value reeve-agent')).text);

describe('the line of the dashboard, on a clean Debian', () => {
  it('is not run when somebody in the middle hands out another installer', async () => {
    const line = await lineOf();
    const { cert, key } = await testLeaf(await testCa(), ['localhost']);
    let asked = 0;
    const middle = createServer({ cert, key }, (_request, response) => void response.end('touch /pwned\n'));
    middle.on('connection', () => {
      asked += 1;
    });
    await new Promise<void>((resolve) => middle.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void middle.close().closeAllConnections());
    const { port } = middle.address() as { port: number };
    const said = await machine.run(line.replace(/https:\/\/[^/]+/, `https://127.0.0.1:${port}`));
    expect(said.text).toMatch(/pinned/i);
    expect(asked).toBeGreaterThan(0);
    expect((await machine.run('test -e /pwned')).code).toBe(1);
  });

  it('installs an agent that is online, runs as nobody in particular, and is well shut in', async () => {
    const said = await machine.run(await lineOf());
    expect(said.text).toContain('runs and starts with this machine');
    expect(said.code).toBe(0);
    await until(async () => (await online()).length === 1, {
      timeoutMs: 30_000,
      what: `its host is online: ${(await machine.run('journalctl -u reeve-agent -n 20 --no-pager')).text}`,
    });
    expect((await machine.run('stat -c "%U %a" /var/lib/reeve-agent')).text.trim()).toBe('reeve-agent 700');
    expect((await machine.run('stat -c "%U" /usr/local/lib/reeve-agent/agent.cjs')).text.trim()).toBe('root');
    expect((await machine.run(`stat -c %U /proc/${await pidOf()}`)).text.trim()).toBe('reeve-agent');
    expect((await machine.run('systemctl is-enabled reeve-agent')).text.trim()).toBe('enabled');
    const exposure = (await machine.run('systemd-analyze security reeve-agent --no-pager | tail -1')).text;
    console.log(exposure.trim());
    expect(Number(/(\d+\.\d)/.exec(exposure)?.[1])).toBeLessThanOrEqual(2);
    expect((await machine.run('reeve-agent status')).text).toContain('The agent runs');
    expect((await machine.run('reeve-agent doctor')).text).toMatch(/Processor +read/);
  });

  it('leaves no token behind', async () => {
    const found = (await machine.run('grep -rslE "RV-|REEVE_TOKEN=" /etc/systemd /usr/local/bin /var/lib/reeve-agent'))
      .text;
    expect(found.trim()).toBe('');
  });

  it('starts again when it is killed, and when its loop hangs systemd ends it', async () => {
    const pid = await pidOf();
    expect(pid).toBeGreaterThan(1);
    await machine.run(`kill -9 ${pid}`);
    await until(async () => ![0, pid].includes(await pidOf()), { timeoutMs: 30_000, everyMs: 500 });
    expect((await machine.run('systemctl show --property WatchdogUSec --value reeve-agent')).text.trim()).toBe('5min');
    // Five minutes are too long to wait for here.
    const sooner = '/run/systemd/system/reeve-agent.service.d';
    await machine.run(`mkdir -p ${sooner} && printf '[Service]\\nWatchdogSec=6s\\n' >${sooner}/sooner.conf`);
    await machine.run('systemctl daemon-reload && systemctl restart reeve-agent');
    const told = async () =>
      (await machine.run('systemctl show --property WatchdogTimestampMonotonic --value reeve-agent')).text.trim();
    const heard = { timeoutMs: 30_000, everyMs: 500, what: 'systemd has heard of the agent' };
    await until(async () => Number(await told()) > 0, heard);
    const hung = await pidOf();
    await machine.run(`kill -STOP ${hung}`);
    const ended = { timeoutMs: 60_000, everyMs: 500, what: 'systemd starts another in place of the one that hangs' };
    await until(async () => ![0, hung].includes(await pidOf()), ended);
    expect((await machine.run('journalctl -u reeve-agent --no-pager')).text).toContain('Watchdog timeout');
    await machine.run(`rm -r ${sooner} && systemctl daemon-reload && systemctl restart reeve-agent`);
    await until(async () => (await online()).length === 1, { timeoutMs: 30_000, what: 'its host is online again' });
  });

  it('run again without a token, it brings the agent up to date and keeps who it is', async () => {
    const [host] = await online();
    await machine.run('echo "// an old one" > /usr/local/lib/reeve-agent/agent.cjs');
    const said = await machine.run(withoutToken(await lineOf()));
    expect(said).toMatchObject({ code: 0 });
    await until(async () => (await online()).length === 1, { timeoutMs: 30_000 });
    expect((await owner.hosts()).map(({ id }) => id)).toEqual([host?.id]);
  });

  it('taken away, it leaves nothing, and the appliance knows that it went', async () => {
    const line = withoutToken(await lineOf()).replace(/ sh$/, ' sh -s -- --uninstall');
    expect(await machine.run(line)).toMatchObject({ code: 0 });
    expect(await files()).toBe(before);
    expect((await machine.run('systemctl status reeve-agent')).text).toContain('could not be found');
    const { body } = await owner.request('GET', '/api/v1/agents');
    expect((body as { items: { leftAt?: number }[] }).items[0]?.leftAt).toBeGreaterThan(0);
  });

  it('without a token on a new machine it says what to do, and changes nothing that lasts', async () => {
    const said = await machine.run(withoutToken(await lineOf()));
    expect(said.text).toContain('a new machine needs a token');
    expect(said.code).not.toBe(0);
    expect((await machine.run('systemctl is-enabled reeve-agent')).code).not.toBe(0);
  });
});

describe('the same line, where there is no Node', () => {
  const PROGRAM = '/usr/local/lib/reeve-agent/reeve-agent';
  beforeAll(() => machine.run('rm /usr/bin/node'));

  it('installs the executable, unpacked by gzip, which runs in the same sandbox', async () => {
    const said = await machine.run(await lineOf());
    expect(said.text).toContain('runs and starts with this machine');
    await until(async () => (await online()).length === 1, {
      timeoutMs: 60_000,
      what: `its host is online: ${(await machine.run('journalctl -u reeve-agent -n 20 --no-pager')).text}`,
    });
    expect((await machine.run(`readlink /proc/${await pidOf()}/exe`)).text.trim()).toBe(PROGRAM);
    expect((await machine.run(`stat -c %U /proc/${await pidOf()}`)).text.trim()).toBe('reeve-agent');
    expect((await machine.run('reeve-agent doctor')).text).toMatch(/Processor +read/);
    expect((await machine.run('ls /usr/local/lib /usr/local/lib/reeve-agent')).text).not.toMatch(
      /packed|reeve-agent\./,
    );
  });

  it('brings it up to date without a token, unpacked by xz where that is', async () => {
    copyFileSync('/usr/bin/xz', join(machine.root, 'usr/bin/xz.real'));
    const wrapper = '#!/bin/sh\necho >>/tmp/xz-ran\nexec /usr/bin/xz.real "$@"\n';
    writeFileSync(join(machine.root, 'usr/bin/xz'), wrapper, { mode: 0o755 });
    await machine.run('chmod 755 /usr/bin/xz.real');
    const before = await pidOf();
    expect(await machine.run(withoutToken(await lineOf()))).toMatchObject({ code: 0 });
    expect((await machine.run('test -e /tmp/xz-ran')).code).toBe(0);
    await until(async () => ![0, before].includes(await pidOf()), { timeoutMs: 30_000, everyMs: 500 });
  });

  it('taken away, it leaves nothing of itself', async () => {
    const line = withoutToken(await lineOf()).replace(/ sh$/, ' sh -s -- --uninstall');
    expect(await machine.run(line)).toMatchObject({ code: 0 });
    const left = await machine.run('find / -xdev -name "*reeve*" -not -path "/proc/*" -not -path "/var/log/*"');
    expect(left.text.trim()).toBe('');
  });
});
