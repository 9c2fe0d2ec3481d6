import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { AGENT } from '../helpers/agent.ts';
import { openBrowser } from '../helpers/browser.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { createOwner, OWNER } from '../helpers/owner.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';
import { Avahi } from '../lan/harness/avahi.ts';
import { readFromBoot, readFromDisk, tampered } from './harness/disk.ts';
import { LAN_ADDRESS, Story } from './harness/story.ts';

/** What happens to an appliance over the years: each test goes on where the one before stopped, with the same disk. */
const built = inject('built');
const AGENT_NAME = 'neighbour';
const METRIC = 'system.cpu.utilization';
const SLOW_MS = 180_000;

let story: Story;
let browser: Browser;
let agent: Program;
let machineId: string;
/** Where the console was when the power came back. */
let cutAt: number;
const agentState = makeDirectory('reeve-agent-');

beforeAll(async () => {
  story = new Story();
  browser = await openBrowser();
});

beforeEach(({ task }) => story.tell(task.name));

afterAll(async () => {
  await browser?.close();
  await agent?.kill();
  await story?.end();
  removeDirectory(agentState);
});

const setupCode = async (from = 0) => (await story.machine.says(/#code=([\w-]+)/, from))[1] ?? '';
const hostNamed = async (name: string) => (await story.owner.hosts()).find((host) => host.name === name);
const isOnline = (name: string) =>
  until(async () => ((await hostNamed(name))?.status === 'online' ? hostNamed(name) : undefined), {
    timeoutMs: SLOW_MS,
    everyMs: 500,
    what: `${name} is online`,
  }).catch((error) => {
    throw new Error(`${error.message}; the agent wrote ${agent?.output().slice(-1_500)}`);
  });

async function keyNames(): Promise<string[]> {
  const { items } = (await story.must('GET', '/api/v1/keys?limit=1000')) as { items: { name: string }[] };
  return items.map(({ name }) => name);
}

/** Times at which the agent measured, as far as the appliance knows of them. */
async function measuredAt(from: number): Promise<number[]> {
  const id = (await hostNamed(AGENT_NAME))?.id ?? '';
  return (await story.owner.history(id, { from, to: Date.now(), metrics: METRIC, maxPoints: 5_000 })).at;
}

describe('a machine that was just flashed', () => {
  it('starts, and answers with the dashboard', async () => {
    const from = await story.start();
    await story.isGood(built.version, from);
    const page = await fetch(story.machine.url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('<title>Reeve');
  });

  it('takes its owner in by a browser, with the link that stands on its console', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(SLOW_MS);
    await page.goto(`${story.machine.url}/#code=${await setupCode()}`);
    await page.getByLabel('User name').fill(OWNER.userName);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Later, open the dashboard' }).click();
    const card = page.locator('reeve-host-card').filter({ hasText: 'reeve' });
    await card.getByText('Online').waitFor();
    await page.close();
    await story.signIn();
    expect(await story.told()).toMatchObject({
      image: { version: built.version, slot: 'A', other: { state: 'empty' }, returnedFrom: null },
      network: { hostname: 'reeve', addresses: expect.arrayContaining([LAN_ADDRESS]) },
    });
  });

  it('is reeve.local for everybody on its LAN, and offers its dashboard there', async () => {
    const avahi = await Avahi.start(story.lan.host(1));
    try {
      const address = await until(() => avahi.address('reeve.local'), { timeoutMs: SLOW_MS, everyMs: 500 });
      expect(address).toBe(LAN_ADDRESS);
      const isThere = async () => (await avahi.browse('_http._tcp')).find(({ name }) => name === 'Reeve on reeve');
      expect(await until(isThere, { timeoutMs: SLOW_MS, everyMs: 500 })).toMatchObject({ port: 80, address });
    } finally {
      avahi.stop();
    }
  });

  it('is found by the agent of another machine by mDNS alone, which pairs and sends', async () => {
    const env = {
      ...{ REEVE_AGENT_STATE: agentState, REEVE_NAME: AGENT_NAME, REEVE_MACHINE_ID: 'b'.repeat(32) },
      ...{ REEVE_TOKEN: await story.owner.token(), REEVE_INTERVAL: '1s' },
    };
    const from = Date.now();
    agent = startProgram(['ip', 'netns', 'exec', story.lan.host(1).namespace, process.execPath, AGENT], { env });
    await isOnline(AGENT_NAME);
    const stored = async () => (await measuredAt(from)).length >= 5;
    await until(stored, { timeoutMs: SLOW_MS, everyMs: 500, what: 'five measurements are stored' });
  });

  it('lets somebody in by SSH only with a key, and only while that is switched on', async () => {
    const key = join(agentState, 'ssh');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key]);
    const keys = [readFileSync(`${key}.pub`, 'utf8').trim()];
    const isShut = async () => expect(await story.ssh(key, 'echo in')).toContain('timed out');
    await isShut();
    await story.must('PUT', '/api/v1/machine/ssh', { enabled: true, keys });
    const inside = [
      ...['id -un', 'systemctl list-units --failed --plain --no-legend', 'systemctl is-enabled ssh.service'],
      'systemd-analyze security --no-pager reeve.service | tail -n 1',
    ];
    const [, exposure] = await until(
      async () =>
        /^reeve-admin\ndisabled\n.*level for reeve.service: ([\d.]+)/.exec(await story.ssh(key, inside.join('; '))),
      { timeoutMs: SLOW_MS, everyMs: 1_000, what: 'somebody is in, no unit has failed, and SSH starts by order only' },
    );
    expect(Number(exposure)).toBeLessThanOrEqual(1.3);
    await story.must('PUT', '/api/v1/machine/ssh', { enabled: false, keys });
    await until(() => isShut().then(() => true), {
      timeoutMs: SLOW_MS,
      everyMs: 1_000,
      what: 'nobody is let in any more',
    });
  });

  it('starts anew when it is asked to, with all its data', async () => {
    const from = await story.order('restart');
    await story.isGood(built.version, from);
    await story.signIn();
    await isOnline('reeve');
    await isOnline(AGENT_NAME);
  });
});

describe('a power cut in the middle of writing', () => {
  /**
   * A key is acknowledged by the answer to its maker. A measurement that the appliance knows of may not be: then the agent sends it again,
   * with another estimate of how far the two clocks are apart. What was acknowledged is never sent again; if it is lost, its second stays empty.
   */
  it('takes nothing that was acknowledged', async () => {
    const before = await measuredAt(Date.now() - 30_000);
    expect(before).not.toEqual([]);
    const kept: string[] = [];
    const write = async () => {
      for (let n = 1; story.machine.isRunning(); n++) {
        const name = `before the cut ${n}`;
        const made = await story.owner.request('POST', '/api/v1/keys', { name, role: 'viewer' }).catch(() => undefined);
        if (made?.status === 201) kept.push(name);
        else if (made) throw new Error(`a key was not made: ${made.status} ${JSON.stringify(made.body)}`);
      }
    };
    const sent = await story.send(built.good);
    const many = async () => {
      await story.machine.says(/update: writing/, sent);
      await until(() => kept.length >= 5, { timeoutMs: SLOW_MS, what: 'five keys are acknowledged' });
    };
    await Promise.all([write(), many().finally(() => story.cut())]);

    cutAt = await story.start();
    await story.isGood(built.version, cutAt);
    // From here on the update goes on, and starts the machine anew some 16 s later: what is asked meanwhile may need a second try.
    await story.signIn();
    const names = await until(keyNames, {
      timeoutMs: SLOW_MS,
      everyMs: 500,
      what: 'the appliance says what keys it has',
    });
    expect(names).toEqual(expect.arrayContaining(kept));
    const isKept = async () => {
      const after = await measuredAt((before[0] ?? 0) - 1_000);
      const lost = before.filter((at) => !after.some((other) => Math.abs(other - at) < 1_000));
      if (lost.length > 0) throw new Error(`of ${before.length} measurements ${lost.length} are gone: ${lost}`);
      return true;
    };
    await until(isKept, { timeoutMs: SLOW_MS, everyMs: 1_000, what: 'all that was measured is there' });
  });
});

describe('an update', () => {
  it('during which the power went goes on by itself, keeps all data, and leaves no hole in what the agent measured', async () => {
    await story.machine.says(/slot B is good/, cutAt);
    await story.isGood(built.goodVersion, cutAt);
    await story.signIn();
    expect((await story.told()).image).toMatchObject({
      ...{ version: built.goodVersion, slot: 'B', returnedFrom: null },
      other: { version: built.version, state: 'good' },
    });
    await isOnline(AGENT_NAME);
    const from = Date.now() - 600_000;
    const largestHole = async () => {
      const at = await measuredAt(from);
      return at.length < 2 ? Infinity : Math.max(...at.slice(1).map((time, index) => time - (at[index] ?? 0)));
    };
    await until(async () => (await largestHole()) <= 10_000, { timeoutMs: SLOW_MS, everyMs: 1_000 });
  });

  it('whose appliance does not start is tried twice, and the machine goes back by itself', async () => {
    const failure = 'slot A does not become healthy';
    const from = await story.send(built.broken);
    await story.machine.says(new RegExp(`${failure}[\\s\\S]*${failure}`), from, 800_000);
    await story.isGood(built.goodVersion, from + story.machine.console().slice(from).lastIndexOf(failure));
    await story.signIn();
    expect((await story.told()).image).toMatchObject({
      ...{ version: built.goodVersion, slot: 'B', returnedFrom: built.brokenVersion },
      other: { version: built.brokenVersion, state: 'bad' },
    });
    await isOnline(AGENT_NAME);
  });
});

describe('when neither slot is in order', () => {
  const failure = 'slot A cannot be mounted';

  it('as after an update that cannot be mounted and five starts that nobody waited for, the screen says so', async () => {
    const sent = await story.send(built.corrupt);
    await story.machine.says(new RegExp(failure), sent);
    await story.cut();
    machineId = readFromDisk(story.disk, 'system/machine-id');
    story.setBootVariables({ ORDER: 'B A', A_TRY: 'xx', B_TRY: 'xxxxx' });
    story.lay({ 'reeve-system/update.bundle': tampered(built.good) });
    cutAt = await story.start();
    await story.machine.says(new RegExp(`neither version starts as it should; trying A[\\s\\S]*${failure}`), cutAt);
  });

  it('each is tried in turn until one starts, with all data', async () => {
    await story.machine.says(/neither version starts as it should; trying B/, cutAt);
    await story.isGood(built.goodVersion, cutAt);
    await story.signIn();
    expect((await story.told()).image).toMatchObject({ slot: 'B', returnedFrom: built.corruptVersion });
    await isOnline(AGENT_NAME);
  });

  it('an update that somebody has changed is refused all the same, and why is said', async () => {
    await story.machine.says(/update refused: The signature is not that of the maker of this image/, cutAt);
    await until(async () => (await story.told()).update?.state === 'refused', { timeoutMs: SLOW_MS });
    const { image, update } = await story.told();
    expect(update?.reason).toBe('The signature is not that of the maker of this image.');
    expect(image).toMatchObject({ version: built.goodVersion, slot: 'B' });
  });
});

describe('a factory reset', () => {
  it('forgets everything but the version', async () => {
    await agent.kill();
    const from = await story.order('factory-reset', { confirm: 'reeve' });
    await story.machine.says(/reeve: factory reset/, from);
    await story.isGood(built.goodVersion, from);
    const code = await setupCode(from);
    story.owner = await createOwner({ httpUrl: story.machine.url, setupCode: code });
    expect((await story.owner.hosts()).map(({ name }) => name)).not.toContain(AGENT_NAME);
    expect((await story.told()).image?.resetAt).toBeGreaterThan(0);
    await story.cut();
    expect(machineId).toMatch(/^[0-9a-f]{32}\n$/);
    expect(readFromDisk(story.disk, 'system/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(readFromDisk(story.disk, 'system/machine-id')).not.toBe(machineId);
    expect(readFromBoot(story.disk, 'reeve-setup.txt')).toContain(code);
  });
});
