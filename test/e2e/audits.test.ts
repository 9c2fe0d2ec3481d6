import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningAgent, startAgent } from '../helpers/agent.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { openSeparateHost } from '../helpers/separate-host.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { type SshServer, startSshd } from '../helpers/ssh-server.ts';
import { until } from '../helpers/until.ts';
import { TestLan } from '../lan/harness/namespaces.ts';

/**
 * From a sweep to a new device, its name, its findings, a waiver, a second audit and the comparison: the appliance is a machine of its
 * own on a LAN in namespaces, the device has a real sshd.
 */
const cable = openSeparateHost();
const lan = new TestLan({ hosts: 2, network: '10.214.8' });
const [namespace = ''] = cable.within.slice(-1);
const ip = (...parameters: string[]): void => void execFileSync('ip', parameters);
ip('-n', lan.bridge, 'link', 'add', 'v200', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', namespace);
ip('-n', lan.bridge, 'link', 'set', 'v200', 'master', 'br0', 'up');
ip('-n', namespace, 'address', 'add', '10.214.8.200/24', 'dev', 'lan0');
ip('-n', namespace, 'link', 'set', 'lan0', 'up');
const newcomer = lan.host(2);
newcomer.ip('link', 'set', 'eth0', 'address', 'd8:3a:dd:00:00:08');

const bench = signedIn('audits', {
  address: cable.address,
  within: cable.within,
  env: { REEVE_MDNS: 'on', REEVE_LOG_LEVEL: 'warn' },
});
let dir: string;
let server: SshServer;
let agent: RunningAgent | undefined;

const serve = (folder: string, authorize: string[]): Promise<SshServer> =>
  startSshd({
    ...{ dir: path.join(dir, folder), authorize, port: 22, listen: newcomer.address },
    within: ['ip', 'netns', 'exec', newcomer.namespace],
  });

beforeAll(async () => {
  dir = await makeDirectory('audits-e2e');
  const { body } = await bench.owner.request('POST', '/api/v1/audit-keys', { name: 'reeve' });
  server = await serve('host', [String((body as { publicKey: string }).publicKey)]);
}, 60_000);
afterAll(async () => {
  await agent?.stop();
  await server?.stop();
  lan.close();
  cable.close();
  await removeDirectory(dir);
});

const button = (name: string) => bench.page.getByRole('button', { name, exact: true });

test('at first nothing is audited, and the page says what an audit is', async () => {
  await bench.page.goto(`${bench.appliance.httpUrl}/audits`);
  await bench.page.getByText('Nothing is audited yet').waitFor();
  await isSoundEverywhere(bench.page);
});

test('a sweep finds a device that is new; it is named, and audited from its own page', async () => {
  const { page } = bench;
  await page.goto(`${bench.appliance.httpUrl}/network`);
  await page.getByRole('button', { name: 'Sweep now' }).click();
  await page.getByRole('progressbar').waitFor();
  await page.getByRole('row').filter({ hasText: newcomer.address }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Sweep now' }).waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: /^Inbox/ }).click();
  await page.getByRole('listitem').filter({ hasText: newcomer.address }).getByRole('button', { name: 'Name…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('nas');
  await button('Save').click();
  await page.getByRole('link', { name: 'Devices', exact: true }).click();
  await page.getByRole('link', { name: 'nas', exact: true }).click();
  await page.getByRole('link', { name: 'Audit by SSH' }).click();
});

test('the form is filled; the host shows its key and is let in by a person', async () => {
  const { page } = bench;
  await page.getByLabel('Name or IP address').waitFor();
  expect(await page.getByLabel('Name or IP address').inputValue()).toBe(newcomer.address);
  await page.getByLabel('User', { exact: true }).fill(server.user);
  await page.getByLabel('Name in Reeve').fill('nas');
  await button('Add the host').click();
  await page.getByText('Is this the host key of nas?').waitFor();
  await page.getByText(server.hostKey.sha256).waitFor();
  await isSoundEverywhere(page);
  await button('The keys are the same: accept').click();
  await page.getByText('It signs in').waitFor();
});

test('a full audit shows its progress and what it found', async () => {
  const { page } = bench;
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/audits?')) asked++;
  });
  await button('Full audit').click();
  await page.getByRole('progressbar', { name: 'Progress of the audit' }).waitFor();
  await page
    .getByText(/reading \d+ of \d+/)
    .first()
    .waitFor();
  await page.getByRole('link', { name: 'Show what was found' }).waitFor({ timeout: 90_000 });
  // When it was started, began and ended: progress comes over the socket.
  expect(asked).toBeLessThanOrEqual(4);
  await page.getByRole('link', { name: 'Show what was found' }).click();
  await page.locator('reeve-findings').waitFor();
  await isSoundEverywhere(page, 'audit');
  for (const tab of ['System', 'Disks', 'Network', 'Software', 'Services', 'Processes', 'Users']) {
    await page.locator('reeve-tabs').getByRole('link', { name: tab, exact: true }).click();
    await page.getByRole('heading', { level: 2 }).first().waitFor();
  }
  await isSoundEverywhere(page);
});

test('a finding is waived; a second audit is compared with the first', async () => {
  const { page } = bench;
  await page.getByRole('link', { name: 'Findings', exact: true }).click();
  const before = await page.locator('reeve-audit-page .sum reeve-score .value').innerText();
  await button('Waive…').first().click();
  await page.getByLabel('Why').fill('known, the host is only for tests');
  await button('Waive it').click();
  await page.getByText('Waived by').waitFor();
  await until(
    async () => Number(await page.locator('reeve-audit-page .sum reeve-score .value').innerText()) >= Number(before),
  );
  await page.getByRole('link', { name: 'All audits' }).click();
  await button('Quick audit').click();
  const rows = page.locator('reeve-audit-host-page reeve-table').first().locator('tbody tr');
  await until(async () => (await rows.count()) >= 2, { timeoutMs: 60_000 });
  await page.getByRole('link', { name: 'Show what was found' }).waitFor({ timeout: 60_000 });
  await until(async () => (await page.getByRole('button', { name: 'Cancel the audit' }).count()) === 0, {
    timeoutMs: 60_000,
  });
  await page.getByRole('link', { name: 'Show what was found' }).click();
  await page.getByRole('link', { name: 'Compared' }).click();
  await page.getByText(/findings? (?:are|is) in both/).waitFor();
  await page.getByText('a quick audit judges less than a full one').waitFor();
  await isSoundEverywhere(page);
});

test('the overview names what is worst, and where', async () => {
  const { page } = bench;
  await page.goto(`${bench.appliance.httpUrl}/audits`);
  await page.getByText('1 of 1 hosts audited').waitFor();
  await isSoundEverywhere(page, 'audits');
});

test('a changed host key stops the audits until a person has looked', async () => {
  const { page } = bench;
  await server.stop();
  server = await serve('other', []);
  await page.getByRole('link', { name: 'nas', exact: true }).last().click();
  await button('Quick audit').click();
  await page.getByText('nas shows another host key than before').waitFor({ timeout: 30_000 });
  await isSoundEverywhere(page);
});

test('a host is audited by its agent, without SSH, and shows what was found', async () => {
  const { page, owner, appliance } = bench;
  const { body } = await owner.request('POST', '/api/v1/agents/tokens', { name: 'media' });
  const token = String((body as { token: string }).token);
  agent = startAgent({ hub: appliance.httpsUrl, token, within: cable.within });
  await page.goto(`${appliance.httpUrl}/audits`);
  const online = async () =>
    ((await owner.request('GET', '/api/v1/hosts')).body as { items: { id: string; status: string }[] }).items.find(
      ({ status }) => status === 'online',
    );
  const { id } = await until(online, { timeoutMs: 60_000, what: 'the agent is connected' });
  const tab = `${appliance.httpUrl}/hosts/${id}/audit`;
  await page.goto(tab);
  await page.getByText('This host is not audited yet').waitFor();
  await button('Audit by its agent').waitFor();
  await isSoundEverywhere(page, 'host-not-audited');
  await page.goto(`${appliance.httpUrl}/audits`);
  await button('Audit by agent…').click();
  await button('Add and audit').click();
  await page.getByText('by its agent').waitFor();
  await page.getByRole('link', { name: 'Show what was found' }).waitFor({ timeout: 90_000 });
  await page.getByRole('link', { name: 'Show what was found' }).click();
  await page.locator('reeve-findings').waitFor();
  await page.locator('reeve-tabs').getByRole('link', { name: 'Processes', exact: true }).click();
  await page
    .getByText(/agent\.cjs|^node$/)
    .first()
    .waitFor();
  await isSoundEverywhere(page);
  await page.goto(tab);
  await page.getByRole('link', { name: 'media (agent)' }).waitFor();
  await page.locator('reeve-host-audits reeve-findings').waitFor();
  await isSoundEverywhere(page, 'host-audits');
  // Who follows it sees the next one go by, and its result in the place of the last.
  await button('Audit now').click();
  await page
    .getByText(/reading \d+ of \d+|connecting/)
    .first()
    .waitFor();
  await button('Audit now').waitFor({ timeout: 90_000 });
  await page.getByText('last 2 audits').waitFor();
});
