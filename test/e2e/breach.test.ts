import { type ChildProcess, spawn } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../protocol/alerts.ts';
import { type RunningAgent, startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { complaintsOf, openBrowser } from '../helpers/browser.ts';
import { removeDirectory } from '../helpers/directories.ts';
import { startFarEnd } from '../helpers/far-end.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { axeFindings, keepPicture } from '../helpers/page.ts';
import { checkSlackPayload } from '../helpers/slack.ts';
import { until } from '../helpers/until.ts';

let appliance: RunningAppliance;
let agent: RunningAgent;
let browser: Browser;
let page: Page;
let owner: Owner;

beforeAll(async () => {
  appliance = await startAppliance();
  owner = await createOwner(appliance);
  agent = startAgent({ hub: appliance.httpsUrl, token: await owner.token('media') });
  browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(30_000);
  const [name = '', value = ''] = owner.cookie.split('=');
  await context.addCookies([{ name, value, url: appliance.httpUrl }]);
  page = await context.newPage();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, 'breach');
});

afterAll(async () => {
  await browser?.close();
  await agent?.kill();
  await appliance?.stop();
  if (appliance) removeDirectory(appliance.dataDir);
});

/** So many processes more are a breach; other tests start far fewer. */
const MORE = 250;
const MARGIN = 150;

async function must<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await owner.request(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as T;
}

/** How many processes the agent counts, as history has it. */
async function counted(): Promise<number | undefined> {
  const [host] = await owner.hosts();
  if (!host) return undefined;
  const now = Date.now();
  const { series } = await owner.history(host.id, { from: now - 60_000, to: now, metrics: 'system.process.count' });
  return series[0]?.average.findLast((value) => value !== null) ?? undefined;
}

/** Processes that only wait: many, and no work for the machine. */
function manyProcesses(): () => void {
  const children: ChildProcess[] = Array.from({ length: MORE }, () => spawn('sleep', ['600'], { stdio: 'ignore' }));
  const stop = (): void => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  };
  onTestFinished(stop);
  return stop;
}

test('a breach on a real agent is pending, fires, reaches Slack, is acknowledged in the page, ends by itself, and stands in the history', async () => {
  const complaints = complaintsOf(page);
  const slack = await startFarEnd({ plain: true });
  const value = { url: `${slack.url}/services/T0/B0/secret`, allowPlain: true };
  await must('POST', '/api/v1/notification-channels', { kind: 'slack', name: 'Slack', isEnabled: true, value });
  const before = await until(counted, { timeoutMs: 60_000, what: 'the agent counts processes' });
  await must('POST', '/api/v1/alert-rules', {
    ...{ title: 'Too many processes', severity: 'high', metric: 'system.process.count' },
    condition: { id: 'above', settings: { threshold: before + MARGIN } },
    ...{ forMs: 20_000, clearForMs: 5_000, remedy: 'Look which program starts them.' },
  });
  await page.goto(`${appliance.httpUrl}/alerts`);
  await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();

  const mine = () => slack.arrived.map(({ body }) => body).filter((body) => body.includes('Processes'));

  const stop = manyProcesses();
  // On a busy machine other rules may be broken too: only this one is looked at.
  await page.locator('reeve-pending-alerts summary').click();
  await page.locator('reeve-pending-alerts').getByText('Too many processes').first().waitFor();
  expect(mine()).toEqual([]);

  const row = page.locator('reeve-alert-row').filter({ hasText: 'Processes' });
  await row.waitFor();
  const arrived = await until(() => mine()[0], { timeoutMs: 30_000, what: 'Slack has the message' });
  const payload = checkSlackPayload(arrived);
  expect(payload.text).toMatch(/^High: media: Processes \d+/);
  const said = JSON.stringify(payload);
  const { items } = await must<{ items: Alert[] }>('GET', '/api/v1/alerts?status=active');
  const alert = items.find(({ ruleTitle }) => ruleTitle === 'Too many processes');
  for (const part of ['*Host*\\nmedia', 'Look which program starts them.', `/alerts/${alert?.id}|Open in Reeve`])
    expect(said).toContain(part);
  expect(await axeFindings(page)).toEqual([]);

  await row.getByRole('link').first().focus();
  await page.keyboard.press('a');
  await row.getByText('Acknowledged by owner').waitFor();

  stop();
  await row.waitFor({ state: 'detached', timeout: 60_000 });
  await until(() => mine().length >= 2, { timeoutMs: 30_000, what: 'Slack hears of the end' });
  expect(mine().map((body) => checkSlackPayload(body).text.split(':')[0])).toEqual(['High', 'Resolved']);
  expect(checkSlackPayload(mine()[1] ?? '').attachments[0]?.color).toBe('#22c55e');

  await page.getByRole('link', { name: 'History' }).click();
  await row.getByText('Over after').waitFor();
  const over = await must<Alert>('GET', `/api/v1/alerts/${alert?.id}`);
  expect(over).toMatchObject({ status: 'resolved', acknowledgedBy: 'owner' });
  expect(over.transitions.map(({ kind }) => kind)).toEqual(['pending', 'fired', 'acknowledged', 'resolved']);
  expect(complaints).toEqual([]);
});
