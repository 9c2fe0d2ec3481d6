import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unreachableByKeyboard } from '../helpers/page.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

/** Boards of a person on a real appliance that watches its own machine. */
const bench = signedIn('boards', { env: { REEVE_SELF_AGENT: 'on' } });

interface Kept {
  id: string;
  name: string;
  panels: { kind: string; of?: string; width: string; metric?: string; hosts: string[] }[];
}
const kept = async (): Promise<Kept[]> => {
  const { body } = await bench.owner.request('GET', '/api/v1/boards');
  return (body as { items: Kept[] }).items;
};
const words = ({ kind, of, metric }: Kept['panels'][number]): string => of ?? metric ?? kind;
const order = async (): Promise<string[]> => (await kept())[0]?.panels.map(words) ?? [];
const panel = (name: string) => bench.page.getByRole('region', { name, exact: true });
const choose = async (item: string) => {
  await bench.page.getByRole('button', { name: /^More for/ }).click();
  await bench.page.getByRole('menuitem', { name: item }).click();
};

test('at first there is none, and the page says what a board is', async () => {
  await until(async () => (await bench.owner.hosts())[0]?.status === 'online', {
    timeoutMs: 60_000,
    what: 'the own machine reports',
  });
  await bench.page.goto(`${bench.appliance.httpUrl}/boards`);
  await bench.page.getByText('No boards yet').waitFor();
  await isSoundEverywhere(bench.page);
});

test('a board is made, and shows what needs attention and every host', async () => {
  const { page } = bench;
  await page.getByRole('button', { name: 'Make a board' }).click();
  await page.getByLabel('Name').fill('Evening');
  await page.getByRole('button', { name: 'Make the board' }).click();
  await page.getByRole('heading', { name: 'Evening' }).waitFor();
  const [host] = await bench.owner.hosts();
  await panel('Hosts')
    .getByRole('link', { name: host?.name ?? 'none' })
    .waitFor();
  expect(await order()).toEqual(['concerns', 'status']);
});

test('a chart of a metric is added, drawn from live values, and kept with its hosts', async () => {
  const { page } = bench;
  await page.getByRole('button', { name: 'Add panel' }).click();
  await page.getByLabel('Metric').selectOption('system.cpu.utilization');
  await page.locator('reeve-panel-dialog input[type=checkbox]').first().check();
  await page.getByLabel('Title').fill('Processor');
  await page.getByLabel('Width', { exact: true }).selectOption('full');
  await isSoundEverywhere(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await panel('Processor').locator('canvas').first().waitFor();
  const [host] = await bench.owner.hosts();
  expect((await kept())[0]?.panels[2]).toMatchObject({ kind: 'chart', hosts: [host?.id], width: 'full' });
  await isSoundEverywhere(page, 'boards');
});

test('panels are moved with the keyboard alone; the focus goes along, and readers are told', async () => {
  const { page } = bench;
  await panel('Processor').getByRole('button', { name: 'Earlier' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Processor is number 2 of 3 now').waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await page.getByText('Processor is number 1 of 3 now').waitFor({ state: 'attached' });
  await until(async () => (await order())[0] === 'system.cpu.utilization', { what: 'the order is kept' });
  expect(await order()).toEqual(['system.cpu.utilization', 'concerns', 'status']);
  expect(await unreachableByKeyboard(page)).toEqual([]);
});

test('a width is changed, a panel taken off and brought back', async () => {
  const { page } = bench;
  await panel('Hosts').getByLabel('Width of Hosts').selectOption('third');
  await panel('Hosts').getByRole('button', { name: 'Remove' }).click();
  await until(async () => (await order()).length === 2, { what: 'it goes' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await order()).length === 3, { what: 'it is back' });
  expect((await kept())[0]?.panels[2]).toMatchObject({ kind: 'status', width: 'third' });
});

test('it is the same after a reload, on a telephone in one column', async () => {
  const { page } = bench;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await panel('Processor').locator('canvas').first().waitFor();
  const boxes = await Promise.all(
    (await page.locator('section.panel').all()).map(async (each) => (await each.boundingBox())?.x),
  );
  expect(new Set(boxes).size).toBe(1);
  await page.setViewportSize({ width: 1280, height: 900 });
});

test('saved as a file it names hosts by their names; edited, it takes the place of the board', async () => {
  const { page } = bench;
  const waiting = page.waitForEvent('download');
  await choose('Save as a file');
  const download = await waiting;
  expect(download.suggestedFilename()).toBe('board-evening.json');
  const text = readFileSync(await download.path(), 'utf8');
  const [host] = await bench.owner.hosts();
  const board = JSON.parse(text) as Kept;
  expect(board.panels[0]?.hosts).toEqual([host?.name]);
  const edited = JSON.stringify({ ...board, name: 'Morning', panels: board.panels.slice(0, 1) });
  const picking = page.waitForEvent('filechooser');
  await choose('Put a file in its place…');
  await (await picking).setFiles({ name: 'morning.json', mimeType: 'application/json', buffer: Buffer.from(edited) });
  await page.getByRole('heading', { name: 'Morning' }).waitFor();
  expect(await kept()).toMatchObject([{ name: 'Morning', panels: [{ kind: 'chart', hosts: [host?.id] }] }]);
});

test.each([
  [
    'a host that is not there',
    '{"name":"x","panels":[{"kind":"chart","metric":"m","hosts":["nas99"]}]}',
    /panels\[0\]\.hosts\[0\].*nas99.*take it out/,
  ],
  ['a kind that is none', '{"name":"x","panels":[{"kind":"cake"}]}', /panels\[0\]\.kind.*chart, status, list/],
  ['a file that is cut off', '{"name":"x","panels":[', /It is no JSON/],
])('%s is told with its place and its cure, and nothing is changed', async (_what, file, said) => {
  const { page } = bench;
  const before = await kept();
  const picking = page.waitForEvent('filechooser');
  await choose('Bring a file…');
  await (await picking).setFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from(file) });
  const notice = page.getByRole('listitem').filter({ hasText: said });
  await notice.waitFor();
  await isSoundEverywhere(page);
  expect(await kept()).toEqual(before);
  await page.locator('#content').getByRole('button', { name: 'Close' }).click();
  await notice.waitFor({ state: 'detached' });
});

test('what another device changed meanwhile is not overwritten: it is said, and shown', async () => {
  const { page, owner } = bench;
  const { body } = await owner.request('GET', '/api/v1/boards');
  const [{ id, rev, panels }] = (body as { items: [{ id: string; rev: number; panels: unknown[] }] }).items;
  await owner.request('PUT', `/api/v1/boards/${id}`, { rev, name: 'From the sofa', panels });
  await page.getByRole('button', { name: 'Arrange' }).click();
  await panel('Processor').getByLabel('Width of Processor').selectOption('half');
  await page.getByText('This board was changed elsewhere').waitFor();
  await page.getByRole('heading', { name: 'From the sofa' }).waitFor();
  expect((await kept())[0]?.panels[0]?.width).toBe('full');
});

test('a viewer arranges a board of their own, and sees none of the owner', async () => {
  const page = await bench.pageOf(await bench.person('ann', 'viewer'));
  await page.goto(`${bench.appliance.httpUrl}/boards`);
  await page.getByText('No boards yet').waitFor();
  const [board] = await kept();
  await page.goto(`${bench.appliance.httpUrl}/boards/${board?.id}`);
  await page.getByText('No boards yet').waitFor();
  await page.getByRole('button', { name: 'Make a board' }).click();
  await page.getByLabel('Name').fill('Mine');
  await page.getByRole('button', { name: 'Make the board' }).click();
  await page.getByRole('heading', { name: 'Mine' }).waitFor();
  expect(await kept()).toHaveLength(1);
});

test('when boards cannot be read the page says why, and reads again on demand', async () => {
  const { page } = bench;
  await page.route('**/api/v1/boards*', (route) => route.abort());
  await page.goto(`${bench.appliance.httpUrl}/boards`);
  await page.getByText('The boards could not be read').waitFor();
  await isSoundEverywhere(page);
  await page.unroute('**/api/v1/boards*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'From the sofa' }).waitFor();
});

test('removing it asks first, and nothing complained', async () => {
  const { page } = bench;
  await choose('Remove…');
  await page.getByText('Its 1 panel goes').waitFor();
  await page.getByRole('button', { name: 'Remove the board' }).click();
  await page.getByText('No boards yet').waitFor();
  expect(await kept()).toEqual([]);
  expect(bench.complaints.filter((text) => !/Failed to load resource/.test(text))).toEqual([]);
});
