import { describe, expect, test } from 'vitest';
import { dashboards, isSound, isSoundAtAllSizes, PHONE, SIZES } from '../helpers/dashboard.ts';
import { type PlayedAppliance, playedFrame, playedHost, problem } from '../helpers/played-appliance.ts';
import { until } from '../helpers/until.ts';

/** The fleet page in the states that a real appliance only shows on a bad day. */
const { open } = dashboards();
const card = 'reeve-host-card';
const FAILED = /Failed to load resource|WebSocket connection/;

const nas = playedHost(1, 'nas01', { tags: ['storage'] });
const away = () =>
  playedHost(2, 'backup', {
    status: 'offline',
    statusReason: 'Its connection has been closed for 15 min.',
    statusAt: Date.now() - 900_000,
    lastSeenAt: Date.now() - 900_000,
  });

describe.each(SIZES)('the fleet %s', (_where, size) => {
  test('without a host says what to do, and offers it', async () => {
    const dashboard = await open({ hosts: [], size });
    const { page } = dashboard;
    await page.getByRole('heading', { name: 'No hosts yet' }).waitFor();
    await isSound(dashboard);
    await page.locator('reeve-notice').getByRole('button', { name: 'Add host' }).click();
    await page.getByRole('button', { name: 'Make the command' }).waitFor();
  });

  test('says that it loads until the appliance answers', async () => {
    let answer = (): void => undefined;
    const waiting = new Promise<undefined>((resolve) => {
      answer = () => resolve(undefined);
    });
    const prepare = ({ loads }: PlayedAppliance) => {
      loads.answer = () => waiting;
    };
    const dashboard = await open({ hosts: [nas], size, prepare });
    await dashboard.page.getByRole('heading', { name: 'Loading the fleet' }).waitFor();
    await isSound(dashboard);
    answer();
    await dashboard.page.locator(card).waitFor();
  });

  test('that is refused says why, and reads it again on demand', async () => {
    const message = 'The store does not answer. Look at the health page.';
    const dashboard = await open({
      hosts: [nas],
      size,
      prepare: ({ loads }) => {
        loads.answer = () => ({ ok: false, code: 'storage-unavailable', message });
      },
    });
    const { page, appliance } = dashboard;
    await page.getByRole('heading', { name: 'The fleet could not be read' }).waitFor();
    await page.getByText(message).waitFor();
    await isSound(dashboard);
    appliance.loads.answer = () => undefined;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator(card).waitFor();
  });

  test('names a host that is away first, and shows its values as past', async () => {
    const dashboard = await open({ hosts: [nas, away()], size });
    const { page } = dashboard;
    const attention = page.getByRole('complementary', { name: 'Needs attention' });
    await attention.getByText('Offline. Its connection has been closed for 15 min.').waitFor();
    const backup = page.locator(card).filter({ hasText: 'backup' });
    await backup.getByText(/Last values .*\d\d:\d\d:\d\d/).waitFor();
    expect(await backup.locator('article').getAttribute('class')).toContain('is-past');
    expect(await page.locator(card).filter({ hasText: 'nas01' }).locator('.is-past').count()).toBe(0);
    await isSound(dashboard);
  });

  test('shows the note of a quarantined host on its card, in the list, and in the count', async () => {
    const note = 'Quarantined: two agents use the key of this host. One of them is a copy.';
    const dashboard = await open({ hosts: [playedHost(3, 'clone', { notes: [note] })], size });
    const { page } = dashboard;
    await page.getByText(note).waitFor();
    await page.getByRole('button', { name: '1 need attention' }).waitFor();
    await page.locator(card).getByText('Warning').waitFor();
    await isSound(dashboard);
  });
});

describe('the fleet', () => {
  test('during an outage says since when it is stale; afterwards it goes on by itself', async () => {
    const dashboard = await open({ hosts: [nas] });
    const { page, appliance } = dashboard;
    const indicator = page.locator('reeve-live-indicator');
    await indicator.getByText('Live').waitFor();
    appliance.cut();
    await indicator.getByText('Reconnecting').waitFor();
    await indicator.getByText(/Stale since \d\d:\d\d/).waitFor({ timeout: 20_000 });
    await page.locator(`${card} .is-past`).waitFor();
    await isSoundAtAllSizes(dashboard, FAILED);
    appliance.restore();
    await indicator.getByText('Live').waitFor({ timeout: 20_000 });
    appliance.emit('card', playedFrame(nas.id, Date.now() + 1_000, 0.73));
    await page.locator(card).getByText('73 %').first().waitFor();
    expect(await page.locator(`${card} .is-past`).count()).toBe(0);
  });

  test('follows hosts that join, change and go', async () => {
    const { page, appliance } = await open({ hosts: [nas] });
    await page.locator(card).waitFor();
    appliance.tell(playedHost(4, 'media'));
    await page.locator(card).filter({ hasText: 'media' }).waitFor();
    appliance.tell(playedHost(4, 'cinema', { status: 'stale', statusReason: 'Silent for 20 s.' }));
    await page.locator(card).filter({ hasText: 'cinema' }).getByText('Stale').waitFor();
    appliance.emit('hostRemoved', { hostId: playedHost(4, '').id });
    await until(async () => (await page.locator(card).count()) === 1, { what: 'the card is gone' });
  });

  test('is searched, filtered by tag and state, and shown as a table; the address keeps it', async () => {
    const dashboard = await open({ hosts: [nas, away(), playedHost(5, 'media', { tags: ['plex'] })] });
    const { page } = dashboard;
    await page.getByLabel('Tag').selectOption('plex');
    await until(async () => (await page.locator(card).count()) === 1, { what: 'one card' });
    await page.getByLabel('Search hosts').fill('nothing like it');
    await page.getByRole('heading', { name: 'No host fits these filters' }).waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByRole('button', { name: '1 offline' }).click();
    await until(async () => (await page.locator(card).count()) === 1, { what: 'the offline one' });
    await page.getByRole('button', { name: '1 offline' }).click();
    await page.getByRole('button', { name: 'Table' }).click();
    await page.reload();
    const names = async () => page.getByRole('rowheader').allInnerTexts();
    await until(async () => (await names()).length === 3, { what: 'three rows' });
    await page.getByRole('columnheader', { name: 'Host' }).getByRole('button').click();
    const once = await names();
    await page.getByRole('columnheader', { name: 'Host' }).getByRole('button').click();
    expect(await names()).toEqual([...once].reverse());
    await isSound(dashboard);
  });

  test('view and order are kept on the appliance, for the next visit without them in the address', async () => {
    const { page, appliance } = await open({ hosts: [nas, away()] });
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    const head = page.getByRole('columnheader', { name: 'Host', exact: true });
    await head.getByRole('button').click();
    await head.getByRole('button').click();
    await page.goto(`${appliance.url}/`);
    await page.locator('reeve-table').waitFor();
    await until(async () => (await head.getAttribute('aria-sort')) === 'descending', { what: 'the order is back' });
    expect(page.url()).toBe(`${appliance.url}/`);
  });

  test('the table fits a phone', async () => {
    const dashboard = await open({ hosts: [nas, away()], size: PHONE, path: '/?view=table' });
    await dashboard.page.getByRole('rowheader').first().waitFor();
    await isSound(dashboard);
  });

  test('offers agents that were found on the LAN, by their name', async () => {
    const prepare = ({ answers }: PlayedAppliance) =>
      void answers.set('GET /api/v1/agents/discovered', () => ({
        items: [{ name: 'nuc-7', address: '192.168.1.77', seenAt: Date.now() }],
      }));
    const { page } = await open({ hosts: [nas], prepare });
    await page.getByRole('heading', { name: 'Found on the LAN' }).waitFor();
    await page.getByRole('button', { name: 'Add…' }).click();
    await until(async () => (await page.getByLabel('Name of the host').inputValue()) === 'nuc-7', { what: 'the name' });
  });

  test('is found from anywhere by Ctrl-K and the keys', async () => {
    const dashboard = await open({ hosts: [nas, away()], path: '/agents' });
    const { page } = dashboard;
    await page.getByRole('rowheader', { name: 'nas01' }).waitFor();
    await page.keyboard.press('Control+k');
    const search = page.getByRole('combobox', { name: 'Page, host, tag or address' });
    await search.fill('there is none');
    await page.getByText('Nothing is called that.').waitFor();
    await search.fill('a');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await isSound(dashboard);
    await search.fill('storage');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'nas01' }).waitFor();
  });
});

describe('the door', () => {
  test('an appliance that cannot say who is signed in is asked again, without a click', async () => {
    const answer = problem('internal-error', { detail: 'The store is being repaired.' });
    const dashboard = await open({
      hosts: [nas],
      prepare: ({ answers }) => void answers.set('GET /api/v1/entry', () => answer),
    });
    const { page, appliance } = dashboard;
    await page.getByRole('heading', { name: 'The appliance does not answer' }).waitFor();
    await page.getByText('The store is being repaired.').waitFor();
    await isSound(dashboard, FAILED);
    appliance.answers.set('GET /api/v1/entry', () => ({ version: '0', setUp: true, session: undefined }));
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('a wrong password is said, what was typed stays, and the right one opens', async () => {
    const { page, appliance, complaints } = await open({
      hosts: [nas],
      prepare: ({ answers }) => {
        answers.set('GET /api/v1/entry', () => ({ version: '0', setUp: true }));
        answers.set('POST /api/v1/session', () => problem('wrong-credentials'));
      },
    });
    await page.getByLabel('User name').fill('owner');
    await page.getByLabel('Password').fill('not this one');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('button', { name: 'Hide' }).waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('Name or password is wrong').waitFor();
    expect(await page.getByLabel('User name').inputValue()).toBe('owner');
    const { session } = appliance;
    appliance.answers.set('POST /api/v1/session', () => ({ status: 201, body: session }));
    appliance.answers.set('GET /api/v1/entry', () => ({ version: '0', setUp: true, session }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator(card).waitFor();
    expect(complaints.filter((text) => !FAILED.test(text))).toEqual([]);
  });

  test('a session that ends while the page is open leads to sign-in', async () => {
    const { page, appliance } = await open({ hosts: [nas] });
    await page.locator(card).waitFor();
    appliance.answers.set('GET /api/v1/entry', () => ({ version: '0', setUp: true }));
    appliance.emit('ended', 'signed-out');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('signing out tells the appliance, and colours are chosen for good', async () => {
    const { page, appliance } = await open({ hosts: [nas] });
    await page.getByRole('button', { name: 'Colours' }).click();
    await page.getByRole('menuitemradio', { name: 'Light' }).click();
    const scheme = () => page.evaluate('getComputedStyle(document.documentElement).colorScheme');
    expect(await scheme()).toContain('light');
    await page.evaluate('localStorage.clear()');
    await page.reload();
    await page.locator(card).waitFor();
    await until(async () => String(await scheme()).includes('light'), { what: 'the colours come from the appliance' });
    appliance.answers.set('GET /api/v1/entry', () => ({ version: '0', setUp: true }));
    await page.getByRole('button', { name: 'Account of owner' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(appliance.asked.some(({ key }) => key === 'DELETE /api/v1/session')).toBe(true);
  });

  test('a page whose file does not come says so, and comes on demand', async () => {
    const { page } = await open({ hosts: [nas] });
    await page.locator(card).waitFor();
    await page.route('**/assets/agents-*.js', (route) => route.abort());
    await page.getByRole('link', { name: 'Agents' }).click();
    await page.getByRole('heading', { name: 'This page could not be loaded' }).waitFor();
  });
});
