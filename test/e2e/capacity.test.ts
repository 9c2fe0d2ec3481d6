import { expect, test } from 'vitest';
import { unreachableByKeyboard } from '../helpers/page.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

const bench = signedIn('capacity', { env: { REEVE_SELF_AGENT: 'on' } });

test('capacity lists disks and memory of this machine, says why nothing is foretold yet, and leads to the host', async () => {
  const { page, owner, appliance } = bench;
  await until(
    async () => {
      const { body } = await owner.request('GET', '/api/v1/capacity');
      return (body as { items: { forecasts: unknown[] }[] }).items.some(({ forecasts }) => forecasts.length > 1);
    },
    { timeoutMs: 60_000, what: 'the machine has reported what may run full' },
  );
  await page.goto(`${appliance.httpUrl}/capacity`);
  const rows = page.getByRole('table', { name: 'Capacity' }).getByRole('row');
  await page.getByText('too few values for a trend').first().waitFor();
  await page.getByText('Memory use').waitFor();
  expect(await rows.count()).toBeGreaterThan(2);
  expect(await unreachableByKeyboard(page)).toEqual([]);
  await isSoundEverywhere(page, 'capacity');
  await page.route('**/api/v1/capacity*', (request) => request.abort());
  await page.reload();
  await page.getByRole('heading', { name: 'Capacity could not be read' }).waitFor();
  await page.unroute('**/api/v1/capacity*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await rows.nth(1).getByRole('link').click();
  await page.waitForURL(/\/hosts\//);
});
