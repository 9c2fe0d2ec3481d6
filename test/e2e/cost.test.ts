import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CostFleet, costFleet } from '../helpers/cost-fleet.ts';
import { httpMeter, shellyGen2 } from '../helpers/meters.ts';
import { unreachableByKeyboard } from '../helpers/page.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';

const bench = signedIn('cost');
let fleet: CostFleet;

const DAY_MS = 86_400_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const lastDays = (): string => `from=${dayOf(Date.now() - 6 * DAY_MS)}&to=${dayOf(Date.now() + DAY_MS)}&by=day`;

const isEvening = (at: number): boolean => new Date(at).getUTCHours() > 16;

beforeAll(async () => {
  const { owner, appliance } = bench;
  await bench.page.goto(`${appliance.httpUrl}/cost`);
  await bench.page.getByRole('heading', { name: 'No hosts yet' }).waitFor();
  fleet = await costFleet({ httpsUrl: appliance.httpsUrl, request: (...asked) => owner.request(...asked) }, HOSTS, 12);
}, 120_000);
afterAll(() => fleet?.close());

const HOSTS = [
  {
    ...{ name: 'nas01', cpuModel: 'Intel(R) Core(TM) i5-8500', tags: ['storage'] },
    cpu: (at: number) => (isEvening(at) ? 0.4 : 0.1),
    containers: { jellyfin: 0.3, postgres: 0.05 },
  },
  { name: 'old-server', cpuModel: 'Intel(R) Xeon(R) CPU E5-2630', tags: ['lab'], cpu: () => 0.01 },
  { name: 'some-vm', cpuModel: 'QEMU Virtual CPU', cpu: () => 0.2 },
];

test('the page tells what hosts take and cost, how that is known, and what idles; bars follow the address', async () => {
  const { page, appliance } = bench;
  await page.goto(`${appliance.httpUrl}/cost`);
  const row = page.getByRole('row', { name: /nas01/ });
  await row.getByText('modelled ±20').waitFor();
  await page
    .getByRole('row', { name: /some-vm/ })
    .getByText('No source is known')
    .waitFor();
  await page.getByText('old-server').first().waitFor();
  await page.getByText(/idles 100/).waitFor();
  const bars = page.locator('reeve-cost-bars svg[role=img]');
  await bars.waitFor();
  await page.getByLabel('Stacked by').selectOption('tag');
  await page.waitForURL(/by=tag/);
  await page.locator('reeve-cost-bars li', { hasText: 'storage' }).waitFor();
  expect(await unreachableByKeyboard(page)).toEqual([]);
  await isSoundEverywhere(page, 'cost');
});

test('a tariff with a night price is entered, and a budget that the month exceeds is said', async () => {
  const { page, appliance, owner } = bench;
  await page.goto(`${appliance.httpUrl}/cost/tariffs`);
  await page.getByRole('button', { name: 'Add a tariff' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Day and night');
  await page.getByLabel('Price per kWh').first().fill('0.5');
  await page.getByRole('button', { name: 'Add a price by time' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('holds now').waitFor();
  await page.getByText('22:00–06:00').waitFor();
  await page.getByRole('button', { name: 'Set a budget' }).click();
  await page.getByLabel('Amount, EUR').fill('0.01');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('a month, standing charge included').waitFor();
  const { body } = await owner.request('GET', '/api/v1/cost');
  expect((body as { budget: { state: string } }).budget.state).toBe('exceeded');
  await isSoundEverywhere(page, 'cost-tariffs');
  await page.goto(`${appliance.httpUrl}/cost`);
  await page.getByText('over the budget of').waitFor();
});

test('a tariff that changes in mid-month holds from its day on, and the days before keep their price', async () => {
  const { page, appliance, owner } = bench;
  const { body } = await owner.request('GET', `/api/v1/cost/series?${lastDays()}`);
  const before = body as { at: number[]; groups: { cost: number[] }[] };
  await page.goto(`${appliance.httpUrl}/cost/tariffs`);
  await page.getByRole('button', { name: 'Add a tariff' }).click();
  await page.getByRole('textbox', { name: 'Name' }).first().fill('Dearer');
  const from = dayOf(Date.now() - 2 * DAY_MS);
  await page.getByLabel('Holds from').fill(from);
  await page.getByLabel('Price per kWh').first().fill('1.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .getByRole('heading', { name: /Dearer/ })
    .getByText('holds now')
    .waitFor();
  const after = (await owner.request('GET', `/api/v1/cost/series?${lastDays()}`)).body as typeof before;
  const sum = (all: typeof before, step: number) =>
    all.groups.reduce((total, { cost }) => total + (cost[step] ?? 0), 0);
  for (const [step, at] of after.at.entries()) {
    if (dayOf(at) < from) expect(sum(after, step), dayOf(at)).toBeCloseTo(sum(before, step), 9);
    else if (at < Date.now() - DAY_MS) expect(sum(after, step), dayOf(at)).toBeGreaterThan(sum(before, step));
  }
  // Taken away, the past is as it was.
  await page.getByRole('button', { name: 'Actions for Dearer' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove the tariff' }).click();
  await page
    .getByRole('heading', { name: /Day and night/ })
    .getByText('holds now')
    .waitFor();
});

test('a budget that is exceeded is an alert, and what was used comes as CSV', async () => {
  const { page, appliance } = bench;
  await page.goto(`${appliance.httpUrl}/cost`);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export CSV' }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\r\n');
  expect(lines[0]).toBe('time,host,kWh,cost EUR');
  expect(lines.some((line) => line.includes('nas01'))).toBe(true);
  await page.goto(`${appliance.httpUrl}/alerts`);
  await page.getByText('more than its budget of').first().waitFor();
});

test('what a host asleep at night would save is told with the numbers behind it', async () => {
  const { page, appliance } = bench;
  await page.goto(`${appliance.httpUrl}/cost`);
  await page.getByRole('link', { name: 'What if it slept?' }).first().click();
  await page.getByRole('button', { name: 'Reckon' }).click();
  await page.getByText(/Saves .* a year/).waitFor();
  await page.getByText('Mean power of old-server from 01:00 to 07:00').waitFor();
  await page.getByRole('button', { name: 'Another machine' }).click();
  await page.getByRole('button', { name: 'Reckon' }).click();
  await page.getByText('Mean use of its processors').waitFor();
  await isSoundEverywhere(page, 'cost-what-if');
});

test('a plug is tried and chosen on the host’s own tab; cards and the summary show power and cost', async () => {
  const { page, appliance } = bench;
  const plug = await httpMeter(shellyGen2({ watts: 33, wh: 1_000 }));
  const [nas] = fleet.hosts;
  await page.goto(`${appliance.httpUrl}/hosts/${nas?.hostId}/cost`);
  await page.getByText('jellyfin').waitFor();
  await page.getByRole('button', { name: 'Choose a source' }).click();
  await page.getByLabel('Address').fill(plug.url);
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByText('It says 33').waitFor();
  await page.getByRole('button', { name: 'Choose it' }).click();
  await page.getByRole('heading', { name: /Shelly plug/ }).waitFor();
  await isSoundEverywhere(page, 'cost-host');
  await page.goto(appliance.httpUrl);
  await page.locator('reeve-summary').getByText('this month').waitFor();
  await page.locator('reeve-host-card').getByText(/today/).first().waitFor();
  expect(bench.complaints).toEqual([]);
});

test('what cannot be read is said, with a way to try again', async () => {
  const { page, appliance } = bench;
  await page.route('**/api/v1/cost', (request) => request.abort());
  await page.goto(`${appliance.httpUrl}/cost`);
  await page.getByRole('heading', { name: 'Cost could not be read' }).waitFor();
  await page.unroute('**/api/v1/cost');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('row', { name: /nas01/ }).waitFor();
});
