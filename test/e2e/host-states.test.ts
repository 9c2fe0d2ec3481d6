import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { dashboards, isSound, PHONE, SIZES } from '../helpers/dashboard.ts';
import { playedAlert } from '../helpers/played-alerts.ts';
import { playedFrame, playedHost, problem } from '../helpers/played-appliance.ts';
import { until } from '../helpers/until.ts';

/** The host page in states that a real appliance shows seldom, and what can be done with its charts. */
const { open } = dashboards();
const FAILED = /Failed to load resource/;
const HISTORY = 'GET /api/v1/history';

const nas = playedHost(1, 'nas01', { tags: ['storage'] });
const path = `/hosts/${nas.id}`;
const chart = (page: Page, title: string) =>
  page.locator('reeve-metric-chart').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

describe.each(SIZES)('a host %s', (_where, size) => {
  test('that is away says since when, and its values say when they were read', async () => {
    const at = Date.now() - 900_000;
    const away = playedHost(1, 'nas01', {
      status: 'offline',
      statusReason: 'Its connection has been closed for 15 min.',
      statusAt: at,
      lastSeenAt: at,
    });
    const dashboard = await open({ hosts: [away], path, size });
    const { page } = dashboard;
    await page.locator('reeve-concerns').getByText('Offline. Its connection has been closed for 15 min.').waitFor();
    await page
      .locator('reeve-disk-list')
      .getByText(/as of .*\d\d:\d\d/)
      .waitFor();
    await page.locator('canvas').first().waitFor();
    await isSound(dashboard);
  });

  test('whose history cannot be read says why in the chart, and reads it again on demand', async () => {
    const answer = problem('storage-unavailable', { detail: 'The disk of the appliance is full. Free some space.' });
    const dashboard = await open({
      hosts: [nas],
      path: `${path}?range=1h`,
      size,
      prepare: ({ answers }) => void answers.set(HISTORY, () => answer),
    });
    const { page, appliance } = dashboard;
    const first = page.locator('reeve-metric-chart').first();
    await first.getByText('The disk of the appliance is full. Free some space.').waitFor();
    await isSound(dashboard, FAILED);
    const working = await open({ hosts: [nas] });
    const history = working.appliance.answers.get(HISTORY);
    if (history) appliance.answers.set(HISTORY, history);
    await first.getByRole('button', { name: 'Try again' }).click();
    await first.getByRole('img', { name: /Processor use: .* now, between/ }).waitFor();
    expect(await first.getByText('The disk of the appliance').count()).toBe(0);
  });

  test('that seems to be another one newly installed is settled with one button', async () => {
    const twin = playedHost(2, 'nas01-2', { sameAs: nas.id });
    const dashboard = await open({ hosts: [nas, twin], path: `/hosts/${twin.id}`, size });
    const { page, appliance } = dashboard;
    await page.getByText('This seems to be nas01, newly installed.').waitFor();
    await isSound(dashboard);
    appliance.answers.set('POST /api/v1/hosts/:hostId/same-as', () =>
      problem('conflict', { detail: 'nas01 is online: two machines cannot be one host.' }),
    );
    await page.getByRole('button', { name: 'The same host' }).click();
    await page.getByRole('status').getByText('nas01 is online: two machines cannot be one host.').waitFor();
    await page.getByRole('button', { name: 'Another host' }).click();
    const settled = () =>
      appliance.asked.filter(({ key }) => key.endsWith('/same-as')).map(({ params, body }) => [params.hostId, body]);
    await until(() => settled().length === 2, { what: 'both answers' });
    expect(settled()).toEqual([
      [twin.id, { same: true }],
      [twin.id, { same: false }],
    ]);
  });

  test('says what it depends on and where that was learnt; one takes it off, and takes that back', async () => {
    const router = playedHost(2, 'router');
    const learnt = { id: router.id, from: 'gateway', evidence: '02:fc:00:00:00:05', at: Date.now() } as const;
    const dashboard = await open({ hosts: [playedHost(1, 'nas01', { learntParent: learnt }), router], path, size });
    const { page, appliance } = dashboard;
    const shown = page.locator('reeve-depends-on');
    expect(await shown.getByRole('link', { name: 'router' }).getAttribute('href')).toBe(`/hosts/${router.id}`);
    await shown.getByText('Learnt from its gateway 02:fc:00:00:00:05').waitFor();
    await isSound(dashboard);
    await shown.getByRole('button', { name: 'Take it off' }).click();
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
    const sent = () =>
      appliance.asked.flatMap(({ key, body }) => (key === 'PATCH /api/v1/hosts/:hostId' ? [body] : []));
    await until(() => sent().length === 2, { what: 'both changes' });
    expect(sent()).toMatchObject([{ learnsParent: false }, { learnsParent: null, rev: 2 }]);
    await page.goto(`${appliance.url}${path}/settings`);
    await page.getByText('Learnt from its gateway 02:fc:00:00:00:05: router. Choose one to say otherwise.').waitFor();
    await page.getByLabel('Learn what it depends on').waitFor();
    await isSound(dashboard);
  });

  test('is a place below the fleet in the navigation', async () => {
    const { page } = await open({ hosts: [nas], path, size });
    const marked = page.locator('nav a.place:not([aria-current="false"])');
    await marked.waitFor();
    expect([await marked.innerText(), await marked.getAttribute('aria-current')]).toEqual(['Fleet', 'true']);
  });

  test('that is not there says so', async () => {
    const dashboard = await open({ hosts: [], path, size });
    await dashboard.page.getByRole('heading', { name: 'There is no such host' }).waitFor();
    await isSound(dashboard);
  });
});

describe('a host', () => {
  test('a quarantined one carries its note above its charts', async () => {
    const note = 'Quarantined: two agents use the key of this host.';
    const dashboard = await open({ hosts: [playedHost(1, 'nas01', { notes: [note] })], path });
    await dashboard.page.locator('reeve-concerns').getByText(note).waitFor();
    await isSound(dashboard);
  });

  test('a full file system is a warning with its share, on the card and on the page', async () => {
    const alert = playedAlert(1, nas, { severity: 'medium', title: 'File system use /srv 82 %' });
    const { page } = await open({ hosts: [nas], prepare: ({ alerts }) => void alerts.push(alert) });
    const attention = page.getByRole('complementary', { name: 'Needs attention' });
    await attention.getByRole('link', { name: 'File system use /srv 82 %' }).waitFor();
    await page.getByRole('link', { name: 'nas01' }).first().click();
    await page.locator('reeve-disk-list').getByText('1.64 TB of 2 TB').waitFor();
  });

  test('a machine whose agent sends nothing yet says so, and a page below it that is none too', async () => {
    const { page, appliance } = await open({ hosts: [nas], path: `${path}/nonsense` });
    await page.getByRole('heading', { name: 'There is no page at this address' }).waitFor();
    await page.getByRole('link', { name: 'Go to the overview' }).click();
    await page.locator('canvas').first().waitFor();
    expect(appliance.watched.has(nas.id)).toBe(true);
    await page.getByRole('link', { name: 'Fleet', exact: true }).first().click();
    await until(() => !appliance.watched.has(nas.id), { what: 'the lease is given back' });
  });

  test('ranges stand in the address, and a stretch that ends before it begins is refused', async () => {
    const { page, appliance } = await open({ hosts: [nas], path });
    for (const name of ['1 h', '24 h', '7 d']) {
      await page.getByRole('button', { name, exact: true }).click();
      await until(() => page.url().includes(`range=${name.replace(' ', '')}`), { what: name });
    }
    await page.getByRole('button', { name: 'Custom' }).click();
    const [from, to] = [page.getByLabel('From', { exact: true }), page.getByLabel('To', { exact: true })];
    await from.fill('2026-01-02T10:00');
    await to.fill('2026-01-02T09:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('alert').getByText('must be later').waitFor();
    await to.fill('2026-01-02T12:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    const spans = () =>
      appliance.asked.filter(({ key }) => key === HISTORY).map(({ query }) => Number(query.to) - Number(query.from));
    await until(() => spans().includes(7_200_000), { what: 'two hours of history are asked for' });
  });

  test('dragging over a chart looks closer, Escape and Reset zoom go back', async () => {
    const { page } = await open({ hosts: [nas], path: `${path}?range=1h` });
    const plot = page.locator('reeve-time-chart .plot').first();
    await page.locator('canvas').first().waitFor();
    const box = await plot.boundingBox();
    if (!box) throw new Error('the chart has no place');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 });
    await page.locator('i.brush').first().waitFor();
    await page.mouse.up();
    await until(() => /range=\d+-\d+/.test(page.url()), { what: 'a stretch in the address' });
    await page.getByRole('button', { name: 'Reset zoom' }).click();
    await until(() => page.url().includes('range=1h'), { what: 'the range from before' });
  });

  test('the keys walk over a chart and say its values; a hole says its reason', async () => {
    const dashboard = await open({ hosts: [nas], path: `${path}?range=1h` });
    const { page } = dashboard;
    await page.locator('canvas').first().waitFor();
    const plot = page.locator('reeve-time-chart .plot').first();
    await plot.focus();
    await page.keyboard.press('Home');
    const said = page.locator('reeve-time-chart [role=status]').first();
    await until(async () => /\d\d:\d\d.*%/.test((await said.textContent()) ?? ''), { what: 'a moment with its value' });
    const first = await said.textContent();
    await page.keyboard.press('ArrowRight');
    await until(async () => (await said.textContent()) !== first, { what: 'the next moment' });
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Escape');
    const box = await plot.boundingBox();
    if (!box) throw new Error('the chart has no place');
    const isSaid = async () => (await page.locator('.moment').allTextContents()).some((text) => text.includes('lost'));
    for (let x = 0.25; x < 0.6 && !(await isSaid()); x += 0.004)
      await page.mouse.move(box.x + box.width * x, box.y + box.height / 2);
    expect(await page.locator('.moment').first().textContent()).toContain('lost on the agent');
    await isSound(dashboard);
  });

  test('a chart stands still while it is paused, alone or with all others', async () => {
    const { page, appliance } = await open({ hosts: [nas], path });
    await page.locator('canvas').first().waitFor();
    await page.getByRole('button', { name: 'Pause Processor use' }).first().click();
    await page.getByRole('button', { name: 'Let Processor use run' }).first().click();
    await page.locator('reeve-live-indicator').getByRole('button').click();
    await page
      .locator('reeve-live-indicator')
      .getByText(/Paused \d\d:\d\d/)
      .waitFor();
    appliance.emit('frame', playedFrame(nas.id));
    await page.locator('reeve-live-indicator').getByRole('button').click();
    await page.locator('reeve-live-indicator').getByText('Live').waitFor();
  });

  test('a chart is a table, a CSV file and a picture', async () => {
    const dashboard = await open({ hosts: [nas], path: `${path}?range=1h` });
    const { page } = dashboard;
    await page.locator('canvas').first().waitFor();
    const more = page.getByRole('button', { name: /^More for/ }).first();
    for (const [item, ending] of [
      ['Save as CSV', /^nas01-.*\.csv$/],
      ['Save as PNG', /^nas01-.*\.png$/],
    ] as const) {
      await more.click();
      const saved = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: item }).click();
      expect((await saved).suggestedFilename()).toMatch(ending);
    }
    await more.click();
    await page.getByRole('menuitem', { name: 'Show as table' }).click();
    await page.getByRole('columnheader', { name: 'Time' }).waitFor();
    await isSound(dashboard);
  });
});

describe('the metrics of a host', () => {
  test('are searched by any word, and a chart of many lines shows more on demand', async () => {
    const dashboard = await open({ hosts: [nas], path: `${path}/metrics` });
    const { page } = dashboard;
    await page.getByRole('button', { name: 'Show 2 more' }).click();
    await page.getByRole('button', { name: 'Show fewer' }).waitFor();
    await page.getByLabel('Search metrics').fill('no such thing');
    await page.getByRole('heading', { name: 'No metric fits this search' }).waitFor();
    await page.getByLabel('Search metrics').fill('eth0');
    await chart(page, 'Network by interface').waitFor();
    await until(async () => (await page.locator('reeve-metric-chart').count()) === 1, { what: 'one chart' });
    await isSound(dashboard);
  });

  test('fit a phone', async () => {
    const dashboard = await open({ hosts: [nas], path: `${path}/metrics`, size: PHONE });
    await dashboard.page.locator('canvas').first().waitFor();
    await isSound(dashboard);
  });
});
