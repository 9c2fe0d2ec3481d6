import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { devicesOf, openLanAppliance, sweepAll } from '../helpers/lan-appliance.ts';
import { type SshMachine, startSshMachine } from '../helpers/machine-with-ssh.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

/** An appliance on a LAN with one machine that has a real SSH server and real sudo; the agent is installed from the browser. */
const { cable, lan, close } = openLanAppliance({ hosts: 1, network: '10.214.9' });
const [target] = lan.hosts;
const bench = signedIn('install-agent', {
  ...{ address: cable.address, within: cable.within },
  env: { REEVE_MDNS: 'on', REEVE_LOG_LEVEL: 'info' },
});
const SECRET = 'blue gravel 77';
let machine: SshMachine;
let deviceId: string;

beforeAll(async () => {
  machine = await startSshMachine(['ip', 'netns', 'exec', target?.namespace ?? ''], []);
  await sweepAll(bench.owner);
  deviceId = (await devicesOf(bench.owner)).find(({ address }) => address === target?.address)?.id ?? '';
});
afterAll(() => {
  machine?.stop();
  close();
});

async function begin(user: string, { sudoAsks = true } = {}): Promise<void> {
  const { page, appliance } = bench;
  await page.goto(`${appliance.httpUrl}/network/devices/${deviceId}`);
  await page.getByRole('button', { name: 'Install agent…' }).click();
  await page.getByRole('textbox', { name: 'User' }).fill(user);
  await page.getByRole('checkbox', { name: 'sudo asks this user for a password' }).setChecked(sudoAsks);
  await page.getByRole('button', { name: 'Show the command' }).click();
}

const run = async (user: string, secret = SECRET): Promise<void> => {
  const { page } = bench;
  await page.getByLabel(`Password of ${user}`).fill(secret);
  await page.getByRole('button', { name: `Run it on ${target?.address}` }).click();
};

test('an admin sees the command, confirms it, accepts the host key, sees its output and comes to the host', async () => {
  const { page } = bench;
  await begin('ada');
  const command = await page.getByLabel('Command', { exact: true }).innerText();
  expect(command).toMatch(
    /^sudo -S -p '' -v && curl -fsSk --pinnedpubkey 'sha256\/\/\S+' https:\/\/10\.214\.9\.200:\d+\/install\.sh \| sudo REEVE_TOKEN=RV-\S+ sh -s -- --read-only$/,
  );
  await isSoundEverywhere(page, 'install-command');
  await run('ada');
  await page.getByRole('heading', { name: 'Is this the host key of' }).waitFor();
  await isSoundEverywhere(page, 'install-host-key');
  expect(machine.log()).not.toContain('Accepted password');
  await page.getByRole('button', { name: 'The keys are the same: go on' }).click();
  await page.getByText(/Step \d of 4/).waitFor();
  await page.waitForURL(/\/hosts\/[0-9a-f-]{36}$/, { timeout: 90_000 });
  await until(async () => (await bench.owner.hosts()).some(({ status }) => status === 'online'), {
    ...{ timeoutMs: 30_000, what: 'its host is online' },
  });
  const { body } = await bench.owner.request('GET', '/api/v1/audit-trail?limit=100');
  const { items } = body as { items: { what: string; who: string; detail: Record<string, unknown> }[] };
  const ofInstalls = items.filter(({ what }) => what.startsWith('installs.'));
  expect(ofInstalls.map(({ what }) => what).reverse()).toEqual([
    ...['installs.prepare', 'installs.run', 'installs.run', 'installs.ended'],
  ]);
  expect(ofInstalls[0]).toMatchObject({ detail: { outcome: 'joined', user: 'ada', address: target?.address } });
}, 180_000);

test('a wrong password, a user without sudo, and sudo that asks unexpectedly are told clearly', async () => {
  const { page } = bench;
  for (const { id } of await bench.owner.hosts()) await bench.owner.request('DELETE', `/api/v1/hosts/${id}`);
  await sweepAll(bench.owner);
  deviceId = (await devicesOf(bench.owner)).find(({ address }) => address === target?.address)?.id ?? '';
  const failsWith = async (text: string | RegExp): Promise<void> => {
    const key = page.getByRole('button', { name: 'The keys are the same: go on' });
    await page.getByText(text).or(key).first().waitFor({ timeout: 60_000 });
    if (await key.isVisible()) await key.click();
    await page.getByText(text).waitFor({ timeout: 60_000 });
  };
  await begin('ada');
  await run('ada', 'wrong one');
  await failsWith(/does not let ada in with/);
  await begin('ada', { sudoAsks: false });
  await run('ada');
  await failsWith('sudo asks ada for a password there');
  await begin('bob');
  await run('bob');
  await failsWith('bob may not use sudo there');
  await isSoundEverywhere(page, 'install-failed');
  await page.getByRole('button', { name: 'Begin again' }).click();
  await page.getByRole('button', { name: 'Show the command' }).waitFor();
}, 240_000);

test('what was typed is in no file, no log and no answer of the appliance', () => {
  const { appliance } = bench;
  const files = readdirSync(appliance.dataDir, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  for (const file of files) {
    const text = readFileSync(path.join(file.parentPath, file.name), 'latin1');
    expect(text.includes(SECRET) || text.includes('wrong one'), file.name).toBe(false);
  }
  expect(appliance.output()).not.toMatch(/blue gravel|wrong one/);
  expect(bench.complaints).toEqual([]);
});
