import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { isSound } from '../helpers/dashboard.ts';
import { signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

const bench = signedIn('trail');
let page: Page;

beforeAll(async () => {
  const { owner } = bench;
  ({ page } = bench);
  const { body } = await owner.request('GET', '/api/v1/settings/history');
  const { rev, value } = body as { rev: number; value: object };
  await owner.request('PUT', '/api/v1/settings/history', { rev, value: { ...value, recordDays: 200 } });
  await owner.request('POST', '/api/v1/system/clock/confirm');
});

test('the audit trail tells who did what, and what was changed on demand', async () => {
  await page.goto(`${bench.appliance.httpUrl}/settings/audit-trail`);
  const entry = page.locator('reeve-trail-entry', { hasText: 'history' }).first();
  await entry.locator('summary').click();
  await entry.getByText('recordDays').waitFor();
  expect(await entry.locator('dl').textContent()).toMatch(/recordDays\s*365 → 200/);
  await isSound({ page, complaints: bench.complaints, appliance: undefined as never });
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
  await page.goto(`${bench.appliance.httpUrl}/api/docs`);
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
  expect([...hosts]).toEqual([new URL(bench.appliance.httpUrl).host]);
  expect(bench.complaints).toEqual([]);
});
