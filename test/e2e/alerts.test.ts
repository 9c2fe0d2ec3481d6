import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Alert, Rule } from '../../protocol/alerts.ts';
import { type RunningAgent, startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { complaintsOf, openBrowser } from '../helpers/browser.ts';
import { isSound, isSoundAtAllSizes, PHONE } from '../helpers/dashboard.ts';
import { removeDirectory } from '../helpers/directories.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { keepPicture, unreachableByKeyboard } from '../helpers/page.ts';
import { until } from '../helpers/until.ts';

/** A breach on a real agent, from the first sign of it to the history, as a person sees and handles it. */
let appliance: RunningAppliance;
let agent: RunningAgent;
let browser: Browser;
let page: Page;
let owner: Owner;
let complaints: string[];
let rule: Rule;

const VIEWER = { userName: 'vera', password: 'a long enough password' };
const memory = { severity: 'high', metric: 'system.memory.utilization', share: 1 };
const above = (threshold: number) => ({ id: 'above', settings: { threshold } });

async function contextOf(cookie: string): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' });
  const at = cookie.indexOf('=');
  await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: appliance.httpUrl }]);
  context.setDefaultTimeout(15_000);
  return context;
}

const sound = () => isSound({ page, complaints, appliance: undefined as never });
const alerts = async (): Promise<Alert[]> =>
  ((await owner.request('GET', '/api/v1/alerts?status=active')).body as { items: Alert[] }).items;
/** This machine may have others of its own. */
const theAlert = async (): Promise<Alert | undefined> =>
  (await alerts()).find(({ ruleTitle }) => ruleTitle === 'Memory is in use');
const row = (on = page) => on.locator('reeve-alert-row').filter({ hasText: 'Memory use' });

beforeAll(async () => {
  appliance = await startAppliance();
  owner = await createOwner(appliance);
  agent = startAgent({ hub: appliance.httpsUrl, token: await owner.token('nas01') });
  await until(async () => (await owner.hosts()).some(({ status }) => status === 'online'), {
    timeoutMs: 30_000,
    what: 'the agent reports',
  });
  browser = await openBrowser();
  page = await (await contextOf(owner.cookie)).newPage();
  complaints = complaintsOf(page);
}, 90_000);
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `alerts-${task.name.replace(/\W+/g, '-')}`);
});
afterAll(async () => {
  await browser?.close();
  await agent?.stop();
  await appliance?.stop();
  if (appliance) removeDirectory(appliance.dataDir);
});

test('without an alert the page says that nothing is wrong, and where the past is', async () => {
  await page.goto(`${appliance.httpUrl}/alerts`);
  await page.getByRole('heading', { name: 'Nothing is wrong' }).waitFor();
  await page.getByRole('button', { name: 'Alerts, none new' }).waitFor();
  await sound();
  await page.getByRole('link', { name: 'See what was' }).click();
  await page.getByRole('heading', { name: 'No alert so far' }).waitFor();
  await sound();
});

test('a breach comes onto the open fleet page by itself: what is wrong, the state of the host, badge and bell', async () => {
  await page.goto(appliance.httpUrl);
  await page.locator('reeve-host-card').getByText('online').waitFor();
  const made = await owner.request('POST', '/api/v1/alert-rules', {
    ...{ ...memory, title: 'Memory is in use', condition: above(0.001), remedy: 'Look what uses it.' },
  });
  expect(made.status).toBe(201);
  rule = made.body as Rule;
  await owner.request('POST', '/api/v1/alert-rules', {
    ...{ ...memory, title: 'Memory stays in use', condition: above(0.001), forMs: 3_600_000 },
  });
  const attention = page.getByRole('complementary', { name: 'Needs attention' });
  await attention.getByRole('link', { name: /^Memory use/ }).waitFor({ timeout: 30_000 });
  await page.locator('reeve-host-card').getByText('high').waitFor();
  await page.getByRole('link', { name: 'Alerts , 1 waits for somebody' }).waitFor();
  await page.getByRole('button', { name: '1 new alert' }).click();
  await page.getByRole('dialog', { name: 'Newest alerts' }).getByText('new', { exact: true }).waitFor();
  await sound();
  await page.getByRole('button', { name: 'Mark all read' }).click();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('button', { name: 'Alerts, none new' }).waitFor();
});

test('the list has it live, with what is pending apart; filters stand in the address', async () => {
  await page
    .getByRole('link', { name: /^Alerts/ })
    .first()
    .click();
  await row().waitFor();
  await page.getByText(/not (an alert|alerts) yet/).click();
  await page.locator('reeve-pending-alerts').getByText('Memory stays in use').waitFor();
  await isSoundAtAllSizes({ page, complaints, appliance: undefined as never });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('button', { name: /critical$/ }).click();
  await page.getByRole('heading', { name: 'No alert fits these filters' }).waitFor();
  expect(page.url()).toContain('severity=critical');
  await page.reload();
  await page.getByRole('heading', { name: 'No alert fits these filters' }).waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await row().waitFor();
});

test('is reached and triaged by keys alone: help, move, comment, acknowledge, open, back', async () => {
  expect(await unreachableByKeyboard(page)).toEqual([]);
  await page.goto(`${appliance.httpUrl}/alerts`);
  await row().waitFor();
  await page.keyboard.press('?');
  const help = page.getByText('Next alert');
  await help.waitFor();
  await sound();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  await page.keyboard.press('j');
  await until(() => row().evaluate((each) => each.matches(':focus-within')), { what: 'the row has the focus' });
  await page.keyboard.press('c');
  await page.getByLabel('Comment', { exact: true }).fill('The cache is warm, a & j are only letters here');
  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await page.getByText('Comment kept').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.getByRole('region', { name: 'In hand or quiet' }).getByText('Acknowledged by owner.').waitFor();
  expect((await theAlert())?.status).toBe('acknowledged');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /Memory use/ }).waitFor();
  await page.goBack();
  await row().waitFor();
  expect(new URL(page.url()).pathname).toBe('/alerts');
});

test('by its address it shows the breach in real values, what changed, who was told, and everything that happened', async () => {
  const alert = await theAlert();
  await page.goto(`${appliance.httpUrl}/alerts/${alert?.id}`);
  await page.getByRole('heading', { level: 1, name: alert?.title ?? '' }).waitFor();
  await page.getByText('Look what uses it.').waitFor();
  await page.locator('reeve-metric-chart canvas').first().waitFor();
  await page.locator('.span').first().waitFor();
  await page.getByRole('group', { name: 'Marks on this chart' }).getByRole('link').waitFor();
  await page.getByText('nas01 was added to Reeve').waitFor();
  await page.getByText('Nobody: no channel and route of this site takes such alerts.').waitFor();
  const happened = page.locator('reeve-alert-timeline');
  await happened.getByText('Acknowledged by owner').waitFor();
  await happened.getByText('a & j are only letters here').waitFor();
  await isSoundAtAllSizes({ page, complaints, appliance: undefined as never });
  await page.setViewportSize({ width: 1280, height: 900 });
  expect(await page.title()).toContain(alert?.title ?? '-');
});

test('has the keys of the list on its own page, and none while one types', async () => {
  await page.keyboard.press('c');
  const comment = page.getByLabel('Comment', { exact: true });
  await comment.pressSequentially('as');
  expect(await comment.inputValue()).toBe('as');
  await page.keyboard.press('Escape');
  await comment.waitFor({ state: 'hidden' });
  await page.keyboard.press('s');
  const hours = page.getByLabel('4 h');
  await hours.waitFor();
  await page.keyboard.press('Escape');
  await hours.waitFor({ state: 'hidden' });
});

test('is snoozed and woken by its buttons, and the page follows', async () => {
  await page.getByRole('button', { name: 'Snooze…' }).click();
  await page.getByLabel('4 h').check();
  await sound();
  await page.getByRole('button', { name: 'Snooze', exact: true }).click();
  await page.getByText(/^Snoozed until/).waitFor();
  await page.getByRole('button', { name: 'Change the snooze…' }).click();
  await page.getByLabel('End the snooze').check();
  await page.getByRole('button', { name: 'Snooze', exact: true }).click();
  await page.getByRole('button', { name: 'Snooze…' }).waitFor();
});

test('stands as a mark on every chart of its host, which says what it is and leads to it', async () => {
  const alert = await theAlert();
  const { firedAt = 0 } = alert ?? {};
  // So near that no other alert of this machine shares the place.
  await page.goto(`${appliance.httpUrl}/hosts/${alert?.hostId}?range=${firedAt - 20_000}-${firedAt + 20_000}`);
  await page
    .locator('reeve-concerns')
    .getByRole('link', { name: /^Memory use/ })
    .waitFor();
  const marks = page.getByRole('group', { name: 'Marks on this chart' });
  await until(async () => (await marks.count()) >= 2, { what: 'marks on several charts' });
  const mark = marks.first().getByRole('link', { name: /^high: Memory use/ });
  await mark.focus();
  expect(await mark.getAttribute('href')).toBe(`/alerts/${alert?.id}`);
  await marks.first().locator('.tip').waitFor({ state: 'visible' });
  await sound();
  await mark.press('Enter');
  await page.getByRole('heading', { level: 1, name: /Memory use/ }).waitFor();
});

test('a viewer sees all of it, and is offered nothing that acts', async () => {
  const alert = await theAlert();
  await owner.request('POST', '/api/v1/users', { ...VIEWER, roles: [{ siteId: alert?.siteId, role: 'viewer' }] });
  const signedIn = await fetch(`${appliance.httpUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(VIEWER),
  });
  const context = await contextOf(signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '');
  const on = await context.newPage();
  await on.goto(`${appliance.httpUrl}/alerts`);
  await row(on).waitFor();
  expect(await on.locator('reeve-alert-list').getByRole('checkbox').count()).toBe(0);
  expect(await on.getByRole('button', { name: /^Actions for/ }).count()).toBe(0);
  await on.keyboard.press('j');
  await on.keyboard.press('a');
  await on.keyboard.press('Enter');
  await on.locator('reeve-alert-timeline').getByText('Acknowledged by owner').waitFor();
  expect(await on.getByRole('button', { name: /Acknowledge|Snooze|Comment|Resolve/ }).count()).toBe(0);
  await context.close();
});

test('when it is over by itself the page says so, and it is in the history on a phone', async () => {
  const alert = await theAlert();
  await page.goto(`${appliance.httpUrl}/alerts/${alert?.id}`);
  await page.getByRole('button', { name: 'Resolve…' }).waitFor();
  const { rev } = (await owner.request('GET', `/api/v1/alert-rules/${rule.id}`)).body as Rule;
  const calmed = await owner.request('PATCH', `/api/v1/alert-rules/${rule.id}`, { rev, condition: above(0.999) });
  expect(calmed.status).toBe(200);
  await page.getByText('over, was high').waitFor({ timeout: 30_000 });
  expect(await page.getByRole('button', { name: 'Resolve…' }).count()).toBe(0);
  await page.setViewportSize(PHONE.viewport);
  await page.goto(`${appliance.httpUrl}/alerts?view=history&status=resolved`);
  await row()
    .getByText(/^Over after/)
    .waitFor();
  await sound();
});

test('an address of an alert that never was says so', async () => {
  await page.goto(`${appliance.httpUrl}/alerts/0190a000-0000-7000-8000-00000000ffff`);
  await page.getByRole('heading', { name: 'There is no such alert' }).waitFor();
});
