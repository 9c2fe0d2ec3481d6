import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { complaintsOf, openBrowser } from '../helpers/browser.ts';
import { isSound } from '../helpers/dashboard.ts';
import { removeDirectory } from '../helpers/directories.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { keepPicture } from '../helpers/page.ts';
import { until } from '../helpers/until.ts';

let appliance: RunningAppliance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let owner: Owner;
let complaints: string[];

beforeAll(async () => {
  appliance = await startAppliance();
  owner = await createOwner(appliance);
  const { body } = await owner.request('GET', '/api/v1/settings/history');
  const { rev, value } = body as { rev: number; value: object };
  await owner.request('PUT', '/api/v1/settings/history', { rev, value: { ...value, recordDays: 200 } });
  await owner.request('POST', '/api/v1/system/clock/confirm');
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const [name = '', value2 = ''] = owner.cookie.split('=');
  await context.addCookies([{ name, value: value2, url: appliance.httpUrl }]);
  page = await context.newPage();
  complaints = complaintsOf(page);
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `trail-${task.name.replace(/\W+/g, '-')}`);
});
afterAll(async () => {
  await browser?.close();
  await appliance?.stop();
  if (appliance) removeDirectory(appliance.dataDir);
});

test('the audit trail tells who did what, and what was changed on demand', async () => {
  await page.goto(`${appliance.httpUrl}/settings/audit-trail`);
  const entry = page.locator('reeve-trail-entry', { hasText: 'history' }).first();
  await entry.locator('summary').click();
  await entry.getByText('recordDays').waitFor();
  expect(await entry.locator('dl').textContent()).toMatch(/recordDays\s*365 → 200/);
  await isSound({ page, complaints, appliance: undefined as never });
});

test('filters stand in the address and narrow the list; nothing left says how to go on', async () => {
  await page.getByRole('searchbox', { name: 'Search' }).fill('clock');
  await until(async () => (await page.locator('reeve-trail-entry').count()) === 1, { what: 'one entry' });
  expect(page.url()).toContain('text=clock');
  await page.reload();
  await until(async () => (await page.locator('reeve-trail-entry').count()) === 1, { what: 'one entry again' });
  await page.getByLabel('User or key').fill('nobody');
  await page.getByText('No entry fits').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await until(async () => (await page.locator('reeve-trail-entry').count()) > 1, { what: 'all entries' });
});

test('it is checked, and saved as a file', async () => {
  await page.getByRole('button', { name: 'Check the chain' }).click();
  await page.getByText(/^Intact: \d+ entries/).waitFor();
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save as CSV' }).click();
  expect((await coming).suggestedFilename()).toBe('audit-trail.csv');
});

test('the page of the API shows every route and tries one out, under the strict policy and without anything from outside', async () => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await page.goto(`${appliance.httpUrl}/api/docs`);
  await page.locator('html[data-ready]').waitFor();
  const hostsList = page.locator('.opblock', { hasText: 'Lists the hosts' });
  await page
    .locator('.opblock-tag', { hasText: /^hosts/ })
    .first()
    .click();
  await hostsList.locator('.opblock-summary').click();
  await hostsList.getByRole('button', { name: 'Try it out' }).click();
  await hostsList.getByRole('button', { name: 'Execute' }).click();
  await until(
    async () => (await hostsList.locator('.responses-table.live-responses-table').textContent())?.includes('"items"'),
    {
      what: 'the answer',
    },
  );
  expect([...hosts]).toEqual([new URL(appliance.httpUrl).host]);
  expect(complaints).toEqual([]);
});
