import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { complaintsOf, openBrowser } from '../helpers/browser.ts';
import { removeDirectory } from '../helpers/directories.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { axeFindings, keepPicture, unreachableByKeyboard } from '../helpers/page.ts';
import { TestBrowser } from '../helpers/push-browser.ts';
import { until } from '../helpers/until.ts';

/** Debian's Chromium has no push service of its maker, so that the subscription is the one part that is played; the worker is real. */
let appliance: RunningAppliance;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let owner: Owner;
let complaints: string[];
let port = '';

beforeAll(async () => {
  appliance = await startAppliance();
  owner = await createOwner(appliance);
  ({ port } = new URL(appliance.httpUrl));
  browser = await openBrowser(['--host-resolver-rules=MAP reeve.local 127.0.0.1']);
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(15_000);
  const [name = '', value = ''] = owner.cookie.split('=');
  for (const host of ['localhost', 'reeve.local'])
    await context.addCookies([{ name, value, url: `http://${host}:${port}` }]);
  page = await context.newPage();
  complaints = complaintsOf(page);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepPicture(page, `push-${task.name.replace(/\W+/g, '-')}`);
});

afterAll(async () => {
  await browser?.close();
  await appliance?.stop();
  if (appliance) removeDirectory(appliance.dataDir);
});

const part = () => page.locator('reeve-push-switch');
const isSound = async (): Promise<void> => {
  expect(await axeFindings(page)).toEqual([]);
  expect(complaints.filter((text) => !text.includes('Push API in incognito mode'))).toEqual([]);
};

test('over plain HTTP on the LAN it says that browsers want HTTPS, and leads to how', async () => {
  await page.goto(`http://reeve.local:${port}/account`);
  await part().getByText('only for pages that came over HTTPS').waitFor();
  expect(await part().getByRole('button').count()).toBe(0);
  expect(await part().getByRole('link', { name: 'How to trust it' }).getAttribute('href')).toBe('/settings/trust');
  await isSound();
});

test('where the browser could, it says that an admin has to set the channel up first', async () => {
  await page.goto(`http://localhost:${port}/account`);
  await part().getByText('an admin adds a channel of the kind Browser push').waitFor();
  await isSound();
});

test('with the channel it can be switched on, and a browser without push service says so', async () => {
  const channel = { kind: 'push', name: 'Browsers', isEnabled: true, value: { contact: 'ann@example.org' } };
  expect((await owner.request('POST', '/api/v1/notification-channels', channel)).status).toBe(201);
  await context.grantPermissions(['notifications'], { origin: `http://localhost:${port}` });
  await page.reload();
  await part().getByText('travel encrypted over the push service').waitFor();
  expect(await unreachableByKeyboard(page)).toEqual([]);
  await part().getByRole('button', { name: 'Switch on' }).click();
  await part().getByText('The push service of this browser cannot be reached').waitFor();
  expect(
    await page.evaluate('navigator.serviceWorker.getRegistration("/push-worker/").then((each) => each?.active?.state)'),
  ).toBe('activated');
  await isSound();
});

test('with a push service the appliance has the browser on its list, and switching off takes it away', async () => {
  const subscription = (await TestBrowser.make()).subscription('https://fcm.googleapis.com/fcm/send/e2e');
  await page.addInitScript(`
    const given = { ...${JSON.stringify(subscription)}, toJSON: () => (${JSON.stringify(subscription)}), unsubscribe: async () => true };
    let current = sessionStorage.subscribed ? given : null;
    PushManager.prototype.subscribe = async (options) => {
      if (!options.userVisibleOnly || options.applicationServerKey.length !== 87) throw new Error('not as browsers want it');
      sessionStorage.subscribed = 'yes';
      return (current = given);
    };
    PushManager.prototype.getSubscription = async () => current;
  `);
  await page.reload();
  await part().getByRole('button', { name: 'Switch on' }).click();
  await part().getByText('are shown here, also while no page').waitFor();
  const items = async () =>
    ((await owner.request('GET', '/api/v1/account/push')).body as { items: { browser: string }[] }).items;
  expect(await items()).toMatchObject([{ browser: expect.stringContaining('Chrome') }]);
  await page.reload();
  await part().getByText('are shown here').waitFor();
  await isSound();
  await part().getByRole('button', { name: 'Switch off' }).click();
  await part().getByRole('button', { name: 'Switch on' }).waitFor();
  expect(await items()).toEqual([]);
  await part().getByRole('button', { name: 'Switch on' }).click();
  await part().getByText('are shown here').waitFor();
});

interface Note {
  title: string;
  body: string;
  tag: string;
  data: { path?: string };
}

test('the worker shows what was pushed, also when it cannot be read, and a click opens the alert', async () => {
  const tools = await context.newCDPSession(page);
  let registrationId = '';
  // The one that was switched off is told of too.
  tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    const alive = registrations.find((each) => each.scopeURL.endsWith('/push-worker/') && !each.isDeleted);
    registrationId = alive?.registrationId ?? registrationId;
  });
  await tools.send('ServiceWorker.enable');
  await until(() => registrationId !== '', { timeoutMs: 10_000, what: 'the worker is registered' });
  const push = (data: string) =>
    tools.send('ServiceWorker.deliverPushMessage', { origin: `http://localhost:${port}`, registrationId, data });
  const notes = () =>
    page.evaluate(`navigator.serviceWorker.getRegistration('/push-worker/')
      .then((each) => each.getNotifications())
      .then((all) => all.map(({ title, body, tag, data }) => ({ title, body, tag, data })))`) as Promise<Note[]>;
  const message = {
    title: 'Critical: nas01 is offline',
    text: 'Not seen for 3 min.',
    tag: 'alert-1',
    path: '/alerts/0193',
  };
  const isActive = 'navigator.serviceWorker.getRegistration("/push-worker/").then((each) => each?.active?.state)';
  await until(async () => (await page.evaluate(isActive)) === 'activated', {
    timeoutMs: 10_000,
    what: 'the worker runs',
  });
  await push(JSON.stringify({ version: 1, severity: 'critical', state: 'firing', at: Date.now(), ...message }));
  await until(async () => (await notes()).length === 1, { timeoutMs: 10_000, what: 'the note is shown' });
  expect(await notes()).toEqual([
    { title: message.title, body: 'Not seen for 3 min.', tag: 'alert-1', data: { path: '/alerts/0193' } },
  ]);
  await push(JSON.stringify({ ...message, title: 'Resolved: nas01 is offline' }));
  await until(async () => (await notes())[0]?.title.startsWith('Resolved'), {
    timeoutMs: 10_000,
    what: 'the later one takes its place',
  });
  await push('{ not JSON');
  await until(async () => (await notes()).some(({ title }) => title === 'Message from Reeve'), {
    timeoutMs: 10_000,
    what: 'it is shown all the same',
  });

  const worker = context.serviceWorkers().findLast((each) => each.url().endsWith('/push-worker.js'));
  const opened = await worker?.evaluate(`(async () => {
    const opened = [];
    self.clients.openWindow = async (url) => void opened.push(new URL(url).pathname + ' ' + (new URL(url).origin === self.location.origin));
    const [note] = await self.registration.getNotifications({ tag: 'alert-1' });
    for (const data of [note.data, { path: 'https://evil.example/' }, undefined]) {
      await self.registration.showNotification('x', { tag: 'x', data });
      const [shown] = await self.registration.getNotifications({ tag: 'x' });
      const before = opened.length;
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification: shown }));
      while (opened.length === before) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return opened;
  })()`);
  expect(opened).toEqual(['/alerts/0193 true', '/ true', '/ true']);
});
