import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { type SshServer, startSshd } from '../helpers/ssh-server.ts';
import { until } from '../helpers/until.ts';

/** From the address of a host to findings, a waiver, a second audit and the comparison, against a real sshd. */
const bench = signedIn('audits');
let dir: string;
let server: SshServer;

beforeAll(async () => {
  dir = await makeDirectory('audits-e2e');
  const { body } = await bench.owner.request('POST', '/api/v1/audit-keys', { name: 'reeve' });
  server = await startSshd({
    dir: path.join(dir, 'host'),
    authorize: [String((body as { publicKey: string }).publicKey)],
  });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await removeDirectory(dir);
});

const button = (name: string) => bench.page.getByRole('button', { name, exact: true });

test('at first nothing is audited, and the page says what an audit is', async () => {
  await bench.page.goto(`${bench.appliance.httpUrl}/audits`);
  await bench.page.getByText('Nothing is audited yet').waitFor();
  await isSoundEverywhere(bench.page);
});

test('who comes from the Network page finds the form filled; the host shows its key and is let in by a person', async () => {
  const { page } = bench;
  await page.goto(`${bench.appliance.httpUrl}/audits?host=127.0.0.1`);
  await page.getByLabel('Name or IP address').waitFor();
  expect(await page.getByLabel('Name or IP address').inputValue()).toBe('127.0.0.1');
  await page.getByLabel('User', { exact: true }).fill(server.user);
  await page.getByLabel('Port').fill(String(server.port));
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
  await button('Full audit').click();
  await page.getByRole('link', { name: 'Show what was found' }).waitFor({ timeout: 60_000 });
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
  await page.getByText('findings are in both').waitFor();
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
  const { port } = server;
  await server.stop();
  server = await startSshd({ dir: path.join(dir, 'other'), authorize: [], port });
  await page.getByRole('link', { name: 'nas', exact: true }).last().click();
  await button('Quick audit').click();
  await page.getByText('nas shows another host key than before').waitFor({ timeout: 30_000 });
  await isSoundEverywhere(page);
});
