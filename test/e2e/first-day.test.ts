import { hostname } from 'node:os';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RunningAgent, startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { complaintsOf, openBrowser } from '../helpers/browser.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { OWNER, type Owner, type StoredRows, signIn } from '../helpers/owner.ts';
import { axeFindings, keepPicture, picture, shownText, unreachableByKeyboard } from '../helpers/page.ts';
import { openSeparateHost, type SeparateHost } from '../helpers/separate-host.ts';
import { until } from '../helpers/until.ts';

/** A day in the life, step by step in one browser: each test goes on where the one before stopped. */
let network: SeparateHost;
let appliance: RunningAppliance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let owner: Owner;
let agent: RunningAgent;
let complaints: string[];
const dataDir = makeDirectory();
const SECOND = 'second-machine';

/** Text of each message that the page has received on its live socket. */
const received: string[] = [];

const start = (env: Record<string, string> = {}) =>
  startAppliance({
    dataDir,
    address: network.address,
    within: network.within,
    env: { REEVE_SELF_AGENT: 'on', REEVE_MACHINE_ID: 'a'.repeat(32), ...env },
  });

beforeAll(async () => {
  network = openSeparateHost();
  appliance = await start();
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  complaints = complaintsOf(page);
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => void received.push(String(payload))));
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `first-day-${task.name.replace(/\W+/g, '-')}`);
});

afterAll(async () => {
  await browser?.close();
  await agent?.kill();
  await appliance?.stop();
  network?.close();
  removeDirectory(dataDir);
});

const card = (name: string) =>
  page.locator('reeve-host-card').filter({ has: page.getByRole('link', { name, exact: true }) });
const messages = (name: string) => received.filter((text) => text.includes(`["${name}",`)).length;

/** Waits until the text of something on the page is another than it is now. */
async function changes(what: string, read: () => Promise<string>): Promise<void> {
  const before = await read();
  await until(async () => (await read()) !== before, {
    timeoutMs: 20_000,
    everyMs: 100,
    what: `${what} changes from ${before.slice(0, 200)}`,
  });
}

describe('first visit, over plain HTTP on the address of another machine', () => {
  test('the page is not a secure context, as on a real LAN', async () => {
    await page.goto(appliance.httpUrl);
    expect(await page.evaluate('isSecureContext')).toBe(false);
  });

  test.each([
    ['the page’s script', 'main-'],
    ['the file of the first step', 'wizard-'],
  ])('%s that did not arrive is asked for again by itself', async (_, name) => {
    const visitor = await context.newPage();
    let dropped = 0;
    await visitor.route(`**/assets/${name}*.js`, (route) => (dropped++ === 0 ? route.abort() : route.continue()));
    await visitor.goto(appliance.httpUrl);
    await visitor.getByRole('heading', { name: 'Prove that this appliance is yours' }).waitFor();
    expect(dropped).toBeGreaterThan(1);
    await visitor.close();
  });

  test('without the link that the appliance printed, nobody becomes the owner', async () => {
    await page.getByRole('heading', { name: 'Prove that this appliance is yours' }).waitFor();
    await page.getByLabel('Set-up code').fill('AAAAAAAAAAAAAAAAAAAAAA');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('The set-up code is not right').waitFor();
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    complaints.length = 0;
  });

  test('the set-up page passes axe and the keyboard reaches everything', async () => {
    expect(await axeFindings(page)).toEqual([]);
    expect(await unreachableByKeyboard(page)).toEqual([]);
  });

  test('with the link, the account is made and the code leaves the address bar', async () => {
    await page.goto('about:blank');
    await page.goto(`${appliance.httpUrl}/#code=${appliance.setupCode}`);
    await page.getByLabel('User name').fill(OWNER.userName);
    await page.getByLabel('Password').fill(OWNER.password);
    expect(page.url()).not.toContain(appliance.setupCode);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Later, open the dashboard' }).click();
    await card(hostname()).waitFor({ timeout: 30_000 });
    owner = await signIn(appliance);
  });

  test('the appliance’s own machine is there, online, and its values move', async () => {
    await card(hostname()).getByText('Online').waitFor({ timeout: 20_000 });
    await changes('a value of the card', () => shownText(card(hostname())));
  });

  test('the fleet page passes axe and the keyboard reaches everything', async () => {
    expect(await axeFindings(page)).toEqual([]);
    expect(await unreachableByKeyboard(page)).toEqual([]);
  });
});

describe('a host page', () => {
  test('draws charts, and receives a sample every second while it is open', async () => {
    await card(hostname()).getByRole('link').first().click();
    await page.locator('canvas').first().waitFor({ timeout: 20_000 });
    const before = messages('frame');
    await until(() => messages('frame') >= before + 5, { timeoutMs: 8_000, what: 'five samples within eight seconds' });
  });

  test('the chart moves', async () => {
    await changes('the picture of a chart', () => picture(page.locator('reeve-metric-chart').first()));
  });

  test('passes axe, and the keyboard reaches everything', async () => {
    expect(await axeFindings(page)).toEqual([]);
    expect(await unreachableByKeyboard(page)).toEqual([]);
  });

  test('fits a phone of 390 pixels without scrolling sideways', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= 390')).toBe(true);
    await page.setViewportSize({ width: 1280, height: 900 });
  });
});

describe('a second machine', () => {
  let token = '';

  test('gets its command from the dialog, which counts down', async () => {
    await page.goto(appliance.httpUrl);
    await page.getByRole('button', { name: 'Add host' }).first().click();
    await page.getByLabel('Name of the host').fill(SECOND);
    await page.getByRole('button', { name: 'Make the command' }).click();
    const command = await page.getByLabel('Command', { exact: true }).innerText();
    token = /REEVE_TOKEN=['"]?([\w-]+)/.exec(command)?.[1] ?? '';
    expect(token).not.toBe('');
    expect(command).toContain('--pinnedpubkey');
    await changes('the countdown', () => page.getByRole('timer').innerText());
    expect(await axeFindings(page)).toEqual([]);
  });

  test('pairs with that token; the dialog says so and its card appears without a reload', async () => {
    agent = startAgent({ hub: appliance.httpsUrl, token, flags: ['--interval', '1s'] });
    await page.getByText(`${SECOND} joined`).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Done' }).click();
    await card(SECOND).getByText('Online').waitFor({ timeout: 20_000 });
    await changes('a value of the second card', () => shownText(card(SECOND)));
  });

  test('a token works once', async () => {
    const thief = startAgent({ hub: appliance.httpsUrl, token });
    expect(await thief.ended()).not.toBe(0);
    expect((await owner.hosts()).length).toBe(2);
  });

  test('is shown as stale, then offline, when it falls silent, and online when it is back', async () => {
    await agent.kill();
    await card(SECOND).getByText('Offline').waitFor({ timeout: 30_000 });
    agent = startAgent({ stateDir: agent.stateDir, flags: ['--interval', '1s'] });
    await card(SECOND).getByText('Online').waitFor({ timeout: 30_000 });
    expect((await owner.hosts()).filter(({ name }) => name === SECOND)).toHaveLength(1);
  });
});

describe('the appliance loses its power', () => {
  const metric = 'system.cpu.utilization';
  let hostId = '';
  let cutAt = 0;
  let backAt = 0;
  let before: StoredRows;

  const read = (from: number, to: number) => owner.history(hostId, { from, to, metrics: metric, maxPoints: 5_000 });
  const pointsOf = ({ at, series }: StoredRows) => at.map((time, index) => [time, series[0]?.average[index]]);

  test('what was acknowledged is still there after kill -9', async () => {
    hostId = (await owner.hosts()).find(({ name }) => name === SECOND)?.id ?? '';
    const from = Date.now() - 120_000;
    await until(async () => (await read(from, Date.now())).at.length >= 10, {
      timeoutMs: 20_000,
      what: 'ten points of history',
    });
    cutAt = Date.now() - 2_000;
    before = await read(from, cutAt);
    await appliance.kill();
    await page
      .getByText(/Reconnecting|Stale since/)
      .first()
      .waitFor({ timeout: 15_000 });
    const port = (url: string) => new URL(url).port;
    appliance = await start({ REEVE_HTTP_PORT: port(appliance.httpUrl), REEVE_HTTPS_PORT: port(appliance.httpsUrl) });
    expect(pointsOf(await read(from, cutAt))).toEqual(pointsOf(before));
  });

  test('the dashboard comes back by itself, still signed in', async () => {
    await page.getByRole('button', { name: 'Live', exact: true }).waitFor({ timeout: 40_000 });
    await card(SECOND).getByText('Online').waitFor({ timeout: 20_000 });
    backAt = Date.now();
  });

  test('the agent fills in what it measured meanwhile: its history has no gap', async () => {
    await until(
      async () => {
        const { at } = await read(cutAt - 10_000, backAt);
        const holes = at.slice(1).map((time, index) => time - (at[index] ?? 0));
        return Math.max(...holes) <= 2_500 && (at.at(-1) ?? 0) > backAt - 3_000;
      },
      { timeoutMs: 30_000, what: 'points at most 2.5 s apart across the outage' },
    );
  });

  test('nothing complained in the browser but of the connection that was cut', () => {
    expect(
      complaints.filter((text) => !/ERR_CONNECTION|WebSocket connection|Failed to load resource/.test(text)),
    ).toEqual([]);
  });
});

describe('every other page', () => {
  test.each(['/agents', '/settings', '/no-such-page'])(
    '%s passes axe, and the keyboard reaches everything',
    async (path) => {
      await page.goto(appliance.httpUrl + path);
      await page.getByRole('heading').first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(await unreachableByKeyboard(page)).toEqual([]);
    },
  );

  test('the light theme passes axe too', async () => {
    const light = await browser.newContext({ colorScheme: 'light', storageState: await context.storageState() });
    const bright = await light.newPage();
    await bright.goto(appliance.httpUrl);
    await bright.locator('reeve-host-card .rates').first().waitFor();
    expect(await axeFindings(bright)).toEqual([]);
    await light.close();
  });

  test('the narrowest card has room for the longest rates', async () => {
    await page.goto(appliance.httpUrl);
    await page.locator('reeve-host-card .rates').first().waitFor();
    const excess = await page
      .locator('reeve-host-card')
      .first()
      .evaluate(async (element) => {
        const narrow = element as typeof element & { values: object; updateComplete: Promise<unknown> };
        narrow.style.width = '248px';
        narrow.values = { ...narrow.values, networkIn: 455_000, networkOut: 455_000 };
        await narrow.updateComplete;
        const article = narrow.shadowRoot?.querySelector('article');
        return (article?.scrollWidth ?? 0) - (article?.clientWidth ?? 0);
      });
    expect(excess).toBe(0);
  });

  test('signing out ends the session on the appliance: the old cookie opens nothing', async () => {
    const cookies = await context.cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    await page.goto(appliance.httpUrl);
    const answer = await page.evaluate(async () => (await fetch('/api/v1/session', { method: 'DELETE' })).status);
    expect(answer).toBe(204);
    const after = await fetch(`${appliance.httpUrl}/api/v1/hosts`, { headers: { cookie } });
    expect(after.status).toBe(401);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 20_000 });
    expect(await axeFindings(page)).toEqual([]);
  });
});
