import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Owner } from '../helpers/owner.ts';
import { axeFindings, keepPicture, unreachableByKeyboard } from '../helpers/page.ts';
import { signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

/** A day with hosts that were added by hand, on a real appliance: add, edit, change several, remove. */
const bench = signedIn('by-hand', { size: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' } });
let page: Page;
let owner: Owner;

beforeAll(async () => {
  ({ page, owner } = bench);
  await page.goto(bench.appliance.httpUrl);
});

const hostNamed = async (name: string) => {
  const found = (await owner.hosts()).find((host) => host.name === name);
  if (!found) throw new Error(`there is no host ${name}`);
  return found;
};

const openByHand = async () => {
  await page.getByRole('button', { name: 'Add host' }).first().click();
  await page.getByRole('tab', { name: 'By hand' }).click();
};

test('a host is added by hand: its kind says what it needs, and what is missing is named at its field', async () => {
  await openByHand();
  await page.getByLabel('How its values come').selectOption('ssh');
  await page.getByLabel('Name', { exact: true }).fill('recorder');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('Say where it is reached').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByLabel('Address', { exact: true }).fill('192.168.1.9:2222');
  await page.getByLabel('Role').fill('recorder');
  await page.getByLabel('Rack', { exact: true }).fill('R1');
  await page.getByLabel('Lowest unit in the rack').fill('12');
  await page.getByLabel('Height, units').fill('2');
  await keepPicture(page, 'by-hand-add');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('heading', { name: /recorder/ }).waitFor();
  await page.getByText('R1, U 12–13').first().waitFor();
  expect(await hostNamed('recorder')).toMatchObject({ kind: 'ssh', address: '192.168.1.9:2222', rackUnit: 12 });
  await keepPicture(page, 'by-hand-host');
});

test('one that waits for an agent opens its settings, where a command for it is made', async () => {
  await page.goto(bench.appliance.httpUrl);
  await openByHand();
  await page.getByLabel('Name', { exact: true }).fill('cellar');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Make a command for cellar…' }).click();
  await page.getByText('it fills this host, whose name, tags and history stay').waitFor();
  await page.getByRole('button', { name: 'Make the command' }).click();
  await page.getByLabel('Command', { exact: true }).getByText('curl').waitFor();
  const { id } = await hostNamed('cellar');
  const { body } = await owner.request('GET', '/api/v1/agents/tokens');
  expect((body as { items: unknown[] }).items[0]).toMatchObject({ forHostId: id, state: 'open' });
  await page.keyboard.press('Escape');
});

test('its settings are changed, and what was emptied is gone', async () => {
  await page.getByLabel('Location').fill('Cellar');
  await page.getByLabel('IP addresses').fill('192.168.1.300');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Write an IPv4 or IPv6 address, such as 192.168.1.5').waitFor();
  await page.getByLabel('IP addresses').fill('192.168.1.30, fe80::1');
  await page.getByLabel('Log files').fill('/var/log/syslog\n/var/log/auth.log');
  await page.getByLabel('TDP, W').fill('65');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(await hostNamed('cellar')).toMatchObject({
    location: 'Cellar',
    addresses: ['192.168.1.30', 'fe80::1'],
    logPaths: ['/var/log/syslog', '/var/log/auth.log'],
    watts: 65,
  });
  expect(await axeFindings(page)).toEqual([]);
  await keepPicture(page, 'by-hand-settings');
  await page.getByLabel('Location').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await until(async () => !('location' in (await hostNamed('cellar'))), { what: 'the location is gone' });
});

test('several are changed at once; one that somebody else changed meanwhile is named, the others are changed', async () => {
  await page.goto(`${bench.appliance.httpUrl}/?view=table`);
  await page.getByRole('checkbox', { name: 'Choose all hosts' }).check();
  await page.getByText('2 hosts chosen').waitFor();
  await page.getByRole('button', { name: 'Change…' }).click();
  await page.getByLabel('Add tags').fill('video, home');
  await page.getByLabel('Location').fill('Attic');
  expect(await axeFindings(page)).toEqual([]);
  await keepPicture(page, 'by-hand-several');
  // The dashboard hears of the change at once and would send the new revision: it is made under its feet.
  await page.route('**/api/v1/hosts', async (route) => {
    const { id, rev } = await hostNamed('cellar');
    await owner.request('PATCH', `/api/v1/hosts/${id}`, { rev, role: 'storage' });
    await route.continue();
  });
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByText('cellar: Somebody else changed this host; load it again').waitFor();
  await page.unroute('**/api/v1/hosts');
  expect(await hostNamed('recorder')).toMatchObject({ tags: ['video', 'home'], location: 'Attic' });
  expect(await hostNamed('cellar')).toMatchObject({ tags: [], role: 'storage' });
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByText('2 hosts chosen').waitFor({ state: 'detached' });
  expect(await hostNamed('cellar')).toMatchObject({ tags: ['video', 'home'], location: 'Attic', role: 'storage' });
});

test('groups are filters in the address', async () => {
  await page.getByLabel('Role', { exact: true }).selectOption('storage');
  await page.getByRole('rowheader', { name: 'recorder' }).waitFor({ state: 'detached' });
  expect(new URL(page.url()).searchParams.get('role')).toBe('storage');
  await page.reload();
  await page.getByRole('rowheader', { name: 'cellar' }).waitFor();
  expect(await page.getByRole('rowheader').count()).toBe(1);
  await page.getByLabel('Role', { exact: true }).selectOption('');
  await page.getByRole('rowheader', { name: 'recorder' }).waitFor();
  await keepPicture(page, 'by-hand-table');
  expect(await unreachableByKeyboard(page)).toEqual([]);
});

test('several are removed after it was said what goes and their number was typed', async () => {
  await page.getByRole('checkbox', { name: 'Choose all hosts' }).check();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByText('cellar, recorder: name, tags and settings').waitFor();
  await page.getByText('No history: no value has come yet').waitFor();
  await keepPicture(page, 'by-hand-remove');
  await page.getByLabel('Type 2 to go on').fill('2');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('No hosts yet').waitFor();
  expect(await owner.hosts()).toEqual([]);
  expect(bench.complaints.filter((text) => !/Failed to load resource/.test(text))).toEqual([]);
});

test('a telephone in the light adds a host without sideways scrolling', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'light' });
  await openByHand();
  await page.getByLabel('Name', { exact: true }).fill('phone');
  const { wide, seen } = (await page.evaluate(
    '({ wide: document.documentElement.scrollWidth, seen: document.documentElement.clientWidth })',
  )) as { wide: number; seen: number };
  expect(wide).toBeLessThanOrEqual(seen);
  await keepPicture(page, 'by-hand-phone-add');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Make a command for phone…' }).waitFor();
  await keepPicture(page, 'by-hand-phone-settings');
});
