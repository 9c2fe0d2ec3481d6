import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Alert, Rule } from '../../protocol/alerts.ts';
import { type RunningAgent, startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { complaintsOf, openBrowser } from '../helpers/browser.ts';
import { removeDirectory } from '../helpers/directories.ts';
import { type FarEnd, startFarEnd } from '../helpers/far-end.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { axeFindings, keepPicture } from '../helpers/page.ts';
import { until } from '../helpers/until.ts';

/** Rules, notifications and maintenance on a real appliance with a real agent, each test where the one before stopped. */
let appliance: RunningAppliance;
let agent: RunningAgent;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let owner: Owner;
let farEnd: FarEnd;
let complaints: string[];

const VIEWER = { userName: 'vera', password: 'a long enough password' };
const WAIT = { timeoutMs: 60_000 };

beforeAll(async () => {
  appliance = await startAppliance();
  owner = await createOwner(appliance);
  agent = startAgent({ hub: appliance.httpsUrl, token: await owner.token('media') });
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(30_000);
  const [name = '', value = ''] = owner.cookie.split('=');
  await context.addCookies([{ name, value, url: appliance.httpUrl }]);
  page = await context.newPage();
  complaints = complaintsOf(page);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `rules-${task.name.replace(/\W+/g, '-')}`);
});

afterAll(async () => {
  await browser?.close();
  await agent?.kill();
  await appliance?.stop();
  if (appliance) removeDirectory(appliance.dataDir);
});

const go = (path: string) => page.goto(appliance.httpUrl + path);
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

async function must<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await owner.request(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as T;
}

/** As a field for a moment takes it, by the clock of this machine. */
const localMinute = (at: number): string =>
  new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** Nothing that axe finds, and nothing beyond the edge. */
async function isSound(): Promise<void> {
  expect(await axeFindings(page)).toEqual([]);
  const widths = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';
  const [wide = 0, seen = 0] = (await page.evaluate(widths)) as number[];
  expect(wide).toBeLessThanOrEqual(seen);
}

test('a rule is made with a preview of real history, and fires on a real agent', async () => {
  // Enough minutes for the preview to judge come with time; the rule itself needs only the next value.
  await until(async () => (await owner.hosts())[0]?.status === 'online', { ...WAIT, what: 'the agent reports' });
  await go('/rules');
  await page.getByRole('link', { name: 'Processor is busy' }).waitFor();
  await isSound();
  await page.getByRole('link', { name: 'Make a rule' }).click();
  await page.getByLabel('Title').fill('Memory is in use');
  await page.getByLabel('Metric').selectOption('system.memory.utilization');
  await page.getByLabel('Threshold, %').fill('0.1');
  await page.getByLabel('Clear level, %').fill('0.05');
  await page.getByLabel('For', { exact: true }).fill('soon');
  await button('Make the rule').click();
  await page.getByText('Write a span, such as 5 min or 1 h 30 min').waitFor();
  await page.getByLabel('For', { exact: true }).fill('0');
  await page.getByText('Would have fired 1 time, on 1 host').waitFor({ timeout: 120_000 });
  await page.locator('reeve-episode-chart canvas').waitFor();
  await isSound();
  await button('Make the rule').click();
  await page.getByRole('heading', { name: 'Memory is in use', level: 1 }).waitFor();
  const alert = await until(
    async () => {
      const { items } = await must<{ items: Alert[] }>('GET', '/api/v1/alerts?status=active');
      return items.find(({ ruleTitle }) => ruleTitle === 'Memory is in use');
    },
    { ...WAIT, what: 'the rule fires' },
  );
  expect(alert.threshold).toBe(0.001);
  await go('/rules');
  const row = page.getByRole('row', { name: /Memory is in use/ });
  await row.getByRole('cell', { name: '1', exact: true }).waitFor();
});

test('an override stands beside the value of the rule, and the host says where its value is from', async () => {
  await go('/rules/cpu-high');
  await button('Add an override').click();
  await page.locator('reeve-dialog').getByLabel('For', { exact: true }).first().selectOption({ label: 'Host media' });
  await page.locator('reeve-dialog').getByLabel('Threshold, %').fill('95');
  await button('Save the override').click();
  await page.getByText('instead of 90').waitFor();
  const [host] = await owner.hosts();
  await go(`/hosts/${host?.id}/rules`);
  const row = page.getByRole('row', { name: /Processor is busy/ });
  await row.getByText('above 95 %').waitFor();
  await row.getByText('Threshold: for this host').waitFor();
  await isSound();
});

test('what another admin saved meanwhile is shown beside one’s own, and either can be kept', async () => {
  await go('/rules/cpu-high');
  await page.getByLabel('Threshold, %').fill('85');
  const { rev } = await must<Rule>('GET', '/api/v1/alert-rules/cpu-high');
  await must('PATCH', '/api/v1/alert-rules/cpu-high', { rev, severity: 'high' });
  await button('Save').click();
  await page.getByText('Somebody else changed this rule meanwhile').waitFor();
  await page.getByText('Severity: high is saved now, you have warning').waitFor();
  await page.getByText('Threshold, %: 90 is saved now, you have 85').waitFor();
  await isSound();
  await button('Save mine over theirs').click();
  await page.getByText('Saved', { exact: true }).first().waitFor();
  const after = await must<Rule>('GET', '/api/v1/alert-rules/cpu-high');
  expect([after.severity, after.condition.settings.threshold]).toEqual(['medium', 0.85]);
  await button('Reset to how it came…').click();
  await button('Reset the rule').click();
  await page.getByText('Comes with Reeve, and is as it came.').waitFor();
});

test('a preset says what it changes before it does', async () => {
  await go('/rules');
  await button('For a kind of machine…').click();
  await page.getByText('Video: less than 2 % of the disk free').waitFor();
  await isSound();
  await button('Apply').click();
  await page.getByRole('link', { name: 'Video: processor over 80 %' }).waitFor();
  expect(await must<Rule>('GET', '/api/v1/alert-rules/cpu-high')).toMatchObject({ isEnabled: false });
});

test('a channel is set up in the page, and a test shows what the far end said', async () => {
  farEnd = await startFarEnd({ plain: true });
  await go('/notifications');
  await page.getByText('Nobody is told of anything yet').waitFor();
  await button('Webhook…').click();
  await page.getByLabel('Name').fill('Home automation');
  await page.getByLabel('Address', { exact: true }).fill(`${farEnd.url}/hook`);
  await page.getByLabel('Allow a connection that is not encrypted').check();
  await button('Set it up').click();
  await page.getByText('Not encrypted').waitFor();
  await button('Send test').click();
  await page.getByText(/^Arrived after \d+ ms$/).waitFor();
  await page.getByText('The far end said:').waitFor();
  expect(farEnd.arrived.map(({ path }) => path)).toContain('/hook');
  expect(await page.content()).not.toContain(farEnd.url);
  await isSound();
});

test('quiet hours are added for some categories, and a wrong time is named at its field', async () => {
  await go('/notifications/quiet');
  await button('Add quiet hours').click();
  await button('storage').click();
  await page.getByLabel('From').fill('25:00');
  await button('Save').last().click();
  await page.getByText('Write a time as 22:00').waitFor();
  expect(await button('storage').getAttribute('aria-pressed')).toBe('true');
  await page.getByLabel('From').fill('22:30');
  await button('Save').last().click();
  await page.getByText('every day 22:30 to 07:00: storage, up to high').waitFor();
  await isSound();
});

test('maintenance is planned, shown as under way, and ended', async () => {
  await go('/maintenance');
  await page.getByText('Nothing is kept quiet now').waitFor();
  await button('Silence alerts…').click();
  await page.getByLabel('Reason').fill('New disks go in');
  await button('media').click();
  await button('Silence').click();
  await page.getByText('Silence, by owner').waitFor();
  await button('Plan maintenance').click();
  await page.getByLabel('When').selectOption('weekly');
  await page.getByLabel('Title').fill('Sunday updates');
  await page.getByLabel('Reason').fill('Upgrades');
  // Half a day away, so that it is not under way while this runs on a Sunday.
  const hour = (new Date().getHours() + 12) % 24;
  const [from, to] = [hour, (hour + 2) % 24].map((each) => `${String(each).padStart(2, '0')}:00`);
  await page.getByLabel('From').fill(from ?? '');
  await page.getByLabel('Until').fill(to ?? '');
  await button('Plan it').click();
  await page.getByText(`Sun ${from} to ${to}`).waitFor();
  await isSound();
  await button('End now: New disks go in').click();
  await page.getByText('Nothing is kept quiet now').waitFor();
  await page.getByText('ended by owner').waitFor();
});

test('while maintenance is under way an alert is on record with the reason, and nobody is told', async () => {
  await go('/maintenance');
  await button('Plan maintenance').click();
  await page.getByLabel('Title').fill('Rack is moved');
  await page.getByLabel('Reason').fill('Electrician');
  // The scenario's browser has the clock of this machine.
  await page.getByLabel('From').fill(localMinute(Date.now() - 60_000));
  await page.getByLabel('Until').fill(localMinute(Date.now() + 3_600_000));
  await button('Plan it').click();
  await page.getByText(/under way, /).waitFor();
  await must('POST', '/api/v1/alert-rules', {
    ...{ title: 'Memory while work is done', severity: 'critical', metric: 'system.memory.utilization' },
    condition: { id: 'above', settings: { threshold: 0.001 } },
  });
  const held = await until(
    async () => {
      const { items } = await must<{ items: Alert[] }>('GET', '/api/v1/alerts?status=active');
      return items
        .find(({ ruleTitle }) => ruleTitle === 'Memory while work is done')
        ?.transitions.find(({ kind, isTold }) => kind === 'fired' && !isTold);
    },
    { ...WAIT, what: 'the alert is held' },
  );
  expect(held.whyNot).toMatch(/^maintenance “Rack is moved” until .*: Electrician$/);
  await go('/maintenance');
  await page.getByText(/is not told because of it|are not told because of it/).waitFor();
  await isSound();
});

test('who only looks sees all of it and is offered no change; a telephone shows it without sideways scrolling', async () => {
  const { items } = await must<{ items: { id: string }[] }>('GET', '/api/v1/sites');
  const roles = [{ siteId: items[0]?.id, role: 'viewer' }];
  await must('POST', '/api/v1/users', { ...VIEWER, isOwner: false, roles });
  await context.clearCookies();
  await go('/');
  await page.getByLabel('User name').fill(VIEWER.userName);
  await page.getByLabel('Password').fill(VIEWER.password);
  await button('Sign in').click();
  await page.locator('reeve-host-card').first().waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [path, text] of [
    ['/rules', 'Too hot'],
    ['/rules/temperature-high', 'Your role may not change these.'],
    ['/notifications', 'What was sent'],
    ['/maintenance', 'Sunday updates'],
  ] as const) {
    await go(path);
    await page.getByText(text).first().waitFor();
    expect(await page.getByRole('switch').count()).toBe(0);
    expect(await button(/^(Save|Make a rule|Plan maintenance|Silence alerts…|Add an override)$/).count()).toBe(0);
    await isSound();
  }
  expect(complaints.filter((text) => !/Failed to load resource/.test(text))).toEqual([]);
});
