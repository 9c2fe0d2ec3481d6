import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Owner } from '../helpers/owner.ts';
import { axeFindings, keepPicture, unreachableByKeyboard } from '../helpers/page.ts';
import { signedIn } from '../helpers/signed-in.ts';

const bench = signedIn('settings');
let page: Page;
let owner: Owner;

beforeAll(async () => {
  ({ page, owner } = bench);
  await page.goto(bench.appliance.httpUrl);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
});

const section = (name: string) => page.getByRole('region', { name, exact: true });
const save = (name: string) => section(name).getByRole('button', { name: 'Save' }).click();

const kept = async () => {
  const { body } = await owner.request('GET', '/api/v1/settings/history');
  return (body as { value: { minuteDays: number; rawHours: number } }).value;
};

test('the settings page shows what history takes, passes axe, and the keyboard reaches everything', async () => {
  await page.getByRole('meter', { name: 'Disk for history' }).waitFor();
  await page.getByRole('rowheader', { name: '5 minutes' }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  expect(await unreachableByKeyboard(page)).toEqual([]);
});

test('a wrong value is named at its field with the cure, and nothing is changed', async () => {
  await page.getByLabel('Values as they came, hours').fill('1');
  await save('History');
  await page.getByText('Keep them for at least 2 hours').waitFor();
  expect(await page.getByLabel('Values as they came, hours').getAttribute('aria-invalid')).toBe('true');
  expect(await axeFindings(page)).toEqual([]);
  expect((await kept()).rawHours).toBe(24);
});

test('a change is saved, shown in the table, and can be taken back', async () => {
  await page.getByLabel('Values as they came, hours').fill('48');
  await page.getByLabel('1-minute values, days').fill('90');
  await save('History');
  await page.getByRole('row', { name: '1 minute 90 d' }).waitFor();
  expect(await kept()).toMatchObject({ rawHours: 48, minuteDays: 90 });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('row', { name: '1 minute 30 d' }).waitFor();
  expect(await kept()).toMatchObject({ rawHours: 24, minuteDays: 30 });
  expect(await page.getByLabel('1-minute values, days').inputValue()).toBe('30');
});

test('what is typed is shown as not saved, and can be discarded', async () => {
  const price = page.getByLabel('Electricity price per kWh');
  await price.fill('0.31');
  await section('General').getByText('Not saved yet').waitFor();
  await section('General').getByRole('button', { name: 'Discard changes' }).click();
  expect(await price.inputValue()).toBe('0.24');
  expect(await section('General').getByText('Not saved yet').count()).toBe(0);
});

test('leaving with something unsaved asks first: by a link, by Back, and from the keyboard', async () => {
  const price = page.getByLabel('Electricity price per kWh');
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await price.fill('0.31');
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await question.waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  expect([await price.inputValue(), new URL(page.url()).pathname]).toEqual(['0.31', '/settings']);
  await page.goBack();
  await question.waitFor();
  expect([await price.inputValue(), new URL(page.url()).pathname]).toEqual(['0.31', '/settings']);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('link', { name: 'Agents', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Leave', exact: true }).click();
  await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await section('General').waitFor();
  expect(await price.inputValue()).toBe('0.24');
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
  await page.goBack();
  await section('General').waitFor();
});

test('a currency that is none is named at its field; a good one is kept as it is written', async () => {
  await page.getByLabel('Currency', { exact: true }).fill('euros');
  await save('General');
  await page.getByText('Use the three letters of ISO 4217, such as EUR or USD').waitFor();
  await page.getByLabel('Currency', { exact: true }).fill('chf');
  await save('General');
  await page.getByText('Saved').last().waitFor();
  expect(await page.getByLabel('Currency', { exact: true }).inputValue()).toBe('CHF');
});

test('what somebody else changed meanwhile is not overwritten: it is said, and theirs is loaded on demand', async () => {
  const { body } = await owner.request('GET', '/api/v1/settings/general');
  const { rev, value } = body as { rev: number; value: object };
  await owner.request('PUT', '/api/v1/settings/general', { rev, value: { ...value, pricePerKwh: 0.5 } });
  await page.getByLabel('Electricity price per kWh').fill('0.1');
  await save('General');
  await page.getByText('Somebody else changed these settings meanwhile').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  expect(await page.getByLabel('Electricity price per kWh').inputValue()).toBe('0.1');
  await keepPicture(page, 'settings-conflict');
  await page.getByRole('button', { name: 'Load theirs' }).click();
  await page.getByText('Somebody else changed these settings meanwhile').waitFor({ state: 'detached' });
  expect(await page.getByLabel('Electricity price per kWh').inputValue()).toBe('0.5');
});

test('a telephone shows it without sideways scrolling, and nothing complained', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await section('History').getByRole('button', { name: 'Save' }).waitFor();
  const { wide, seen } = (await page.evaluate(
    '({ wide: document.documentElement.scrollWidth, seen: document.documentElement.clientWidth })',
  )) as { wide: number; seen: number };
  expect(wide).toBeLessThanOrEqual(seen);
  await keepPicture(page, 'settings-phone');
  expect(bench.complaints.filter((text) => !/Failed to load resource/.test(text))).toEqual([]);
});
