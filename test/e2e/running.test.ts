import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { unreachableByKeyboard } from '../helpers/page.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

/** The pages about the appliance itself, on a real one: jobs, backup, system, trust. */
const bench = signedIn('running');

const open = (path: string, page: Page = bench.page) => page.goto(bench.appliance.httpUrl + path);
const api = async <T>(path: string) => (await bench.owner.request('GET', path)).body as T;
interface Backup {
  id: string;
  isEncrypted: boolean;
}
const backups = async () => (await api<{ items: Backup[] }>('/api/v1/backups')).items;

/** What the page says when its data cannot be read, and that it reads again on demand. */
async function failsAndRecovers(path: string, { route, said, after }: { route: string; said: string; after: string }) {
  const { page } = bench;
  await page.route(route, (request) => request.abort());
  await open(path);
  await page.getByRole('heading', { name: said }).waitFor();
  await isSoundEverywhere(page);
  await page.unroute(route);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: after, exact: true, level: 1 }).waitFor();
}

describe('jobs', () => {
  const job = (title: string) =>
    bench.page.locator('li.job', { has: bench.page.getByRole('heading', { name: title, exact: true }) });

  test('each says when it runs next; one is run by hand, and its run stands in the history with the name', async () => {
    const { page } = bench;
    await open('/settings/jobs');
    await job('Make a backup').waitFor();
    expect(await page.locator('li.job h2').count()).toBeGreaterThan(2);
    await isSoundEverywhere(page);
    await job('Make a backup').getByRole('button', { name: 'Run now' }).click();
    await job('Make a backup').getByText('by owner').waitFor();
    await job('Make a backup').getByRole('button', { name: 'History' }).click();
    const runs = page.getByRole('list', { name: 'Runs of Make a backup' }).getByRole('listitem');
    await runs.first().waitFor();
    expect(await runs.first().textContent()).toMatch(/took .*by owner/);
    const { items } = await api<{ items: { by: string; state: string }[] }>('/api/v1/jobs/backup/runs');
    expect(items[0]).toMatchObject({ by: 'owner', state: 'done' });
    expect(await unreachableByKeyboard(page)).toEqual([]);
    await isSoundEverywhere(page, 'running-jobs');
  });

  test('a job that cannot be started says why', async () => {
    const { page } = bench;
    await page.route('**/api/v1/jobs/backup/run', (route) => route.abort());
    await job('Make a backup').getByRole('button', { name: 'Run now' }).click();
    await page.getByText('The appliance does not answer').waitFor();
    await page.unroute('**/api/v1/jobs/backup/run');
  });

  test('that cannot be read say so, and are read again on demand', () =>
    failsAndRecovers('/settings/jobs', {
      route: '**/api/v1/jobs*',
      said: 'The jobs could not be read',
      after: 'Jobs',
    }));
});

describe('backup', () => {
  test('says what a backup lacks, and makes one that appears in the list with its size', async () => {
    const { page } = bench;
    const before = (await backups()).length;
    await open('/settings/backup');
    await page.getByRole('heading', { name: 'Backups are not complete' }).waitFor();
    await page.getByRole('button', { name: 'Make a backup now' }).click();
    await until(async () => (await backups()).length === before + 1, { timeoutMs: 30_000, what: 'the backup is made' });
    const row = page.getByRole('row', { name: /no keys or accounts/ }).first();
    await row.waitFor();
    await isSoundEverywhere(page, 'running-backup');
    expect(await unreachableByKeyboard(page)).toEqual([]);
    const waiting = page.waitForEvent('download');
    await row.getByRole('link', { name: 'Download' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toMatch(/^reeve-.*\.reeve$/);
    expect(readFileSync(await download.path()).length).toBeGreaterThan(200);
  });

  test('a device whose clock is wrong still shows how long ago a backup was made', async () => {
    const page = await bench.pageOf(bench.owner.cookie);
    await page.clock.install({ time: Date.now() + 7_200_000 });
    await open('/settings/backup', page);
    const made = page.getByRole('row', { name: /no keys or accounts/ }).locator('time');
    await made
      .filter({ hasText: /^(now|\d+\s(s|min) ago)$/ })
      .first()
      .waitFor();
    await page.close();
  });

  test('with a passphrase it holds everything, and the warning shrinks to the schedule', async () => {
    const { page } = bench;
    await page.getByLabel(/Passphrase/).fill('a long passphrase of a backup');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('No passphrase is set: backups').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Make a backup now' }).click();
    await page.getByRole('row', { name: /everything, encrypted/ }).waitFor();
    expect((await backups()).some(({ isEncrypted }) => isEncrypted)).toBe(true);
  });

  test('restoring says what is replaced, and goes no further without the word or with a wrong passphrase', async () => {
    const { page } = bench;
    const row = page.getByRole('row', { name: /everything, encrypted/ });
    await row.getByRole('button', { name: 'Restore…' }).click();
    const dialog = page.locator('reeve-restore');
    await dialog.getByText('Everything that came after').waitFor();
    await isSoundEverywhere(page);
    const restore = dialog.getByRole('button', { name: 'Restore', exact: true });
    expect(await restore.isDisabled()).toBe(true);
    await dialog.getByLabel('Passphrase of the backup').fill('not the passphrase');
    await dialog.getByLabel('Type restore to go on').fill('restore');
    await restore.click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByRole('alert').textContent()).toMatch(/passphrase/i);
    await dialog.getByRole('button', { name: 'Keep what is here' }).click();
  });

  test('a file that is no backup is refused with words, and nothing is kept of it', async () => {
    const { page } = bench;
    const before = (await backups()).length;
    const picking = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Restore from a file…' }).click();
    const file = { name: 'holiday.reeve', mimeType: 'application/octet-stream', buffer: Buffer.from('not a backup') };
    await (await picking).setFiles(file);
    await page
      .getByText(/no backup|not a backup|cannot be restored|begins like none/i)
      .first()
      .waitFor();
    expect(await backups()).toHaveLength(before);
  });

  test('one is deleted after a question that names the file and its size', async () => {
    const { page } = bench;
    const before = (await backups()).length;
    await page
      .getByRole('row', { name: /everything, encrypted/ })
      .getByRole('button', { name: 'Delete…' })
      .click();
    const dialog = page.locator('reeve-confirm');
    expect(await dialog.getByRole('listitem').first().textContent()).toMatch(
      /reeve-.*\.reeve of \d.*(kB|KB|MB|KiB|MiB)/,
    );
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await until(async () => (await backups()).length === before - 1, { what: 'it is gone' });
  });

  test('that cannot be read say so, and are read again on demand', () =>
    failsAndRecovers('/settings/backup', {
      route: '**/api/v1/backups*',
      said: 'The backups could not be read',
      after: 'Backup',
    }));
});

describe('system', () => {
  test('shows version, uptime, store, queues, parts and the log, whose lines are narrowed by text', async () => {
    const { page } = bench;
    await open('/settings/system');
    await page.getByRole('heading', { name: 'System', exact: true, level: 1 }).waitFor();
    for (const term of ['Version', 'Event loop delay', 'Ingest', 'Last backup'])
      await page.getByRole('term').filter({ hasText: term }).first().waitFor();
    const log = page.getByRole('log');
    await log.locator('div').first().waitFor();
    await isSoundEverywhere(page, 'running-system');
    expect(await unreachableByKeyboard(page)).toEqual([]);
    await page.getByLabel('Text').fill('no line has this');
    await page.getByLabel('Text').press('Enter');
    await page.getByText('No line of this kind since the start.').waitFor();
  });

  test('that cannot reach its database says so first, with the place, the reason, and what agents do meanwhile', async () => {
    const { page } = bench;
    const place = 'PostgreSQL reeve on db.example:5432';
    const why = 'reeve on db.example:5432 cannot be reached: nothing listens there. Agents keep what they read';
    await page.route('**/api/v1/system', async (route) => {
      const answer = await route.fetch();
      const system = (await answer.json()) as { parts: { name: string }[] };
      const parts = system.parts.map((part) =>
        part.name === 'store' ? { ...part, status: 'failed', detail: why } : part,
      );
      await route.fulfill({ response: answer, json: { ...system, parts, store: { place } } });
    });
    await open('/settings/system');
    await page.getByRole('heading', { name: 'Nothing can be stored' }).waitFor();
    expect(await page.locator('reeve-notice', { hasText: 'Nothing can be stored' }).textContent()).toContain(why);
    await page.getByRole('definition').filter({ hasText: place }).waitFor();
    await isSoundEverywhere(page, 'running-system-away');
    await page.unroute('**/api/v1/system');
    await open('/settings/system');
    await page.getByRole('definition').filter({ hasText: bench.appliance.dataDir }).waitFor();
    expect(await page.getByRole('heading', { name: 'Nothing can be stored' }).count()).toBe(0);
  });

  test('the log is saved as a file of JSON lines', async () => {
    const { page } = bench;
    await page.getByLabel('Text').fill('');
    await page.getByLabel('Text').press('Enter');
    await page.getByRole('log').locator('div').first().waitFor();
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const lines = readFileSync(await (await waiting).path(), 'utf8').split('\n');
    expect(JSON.parse(lines[0] ?? '')).toHaveProperty('msg');
  });

  test('that cannot be read says so, and is read again on demand', () =>
    failsAndRecovers('/settings/system', {
      route: '**/api/v1/system',
      said: 'The state of the appliance could not be read',
      after: 'System',
    }));
});

describe('trust', () => {
  test('gives the certificate of the appliance’s own authority, and says for each system what to do with it', async () => {
    const { page } = bench;
    await open('/settings/trust');
    for (const name of ['Windows', 'macOS', 'Android', 'Linux', 'Firefox'])
      await page.getByRole('heading', { name, exact: true }).waitFor();
    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the certificate' }).click();
    const certificate = readFileSync(await (await waiting).path(), 'utf8');
    const kept = JSON.parse(readFileSync(join(bench.appliance.dataDir, 'certificates.json'), 'utf8')) as object;
    expect(JSON.stringify(kept)).toContain(JSON.stringify(certificate.trim()).slice(1, -1).slice(30, 200));
    await isSoundEverywhere(page, 'running-trust');
  });
});

describe('roles', () => {
  test.each(['jobs', 'backup', 'system'])('an admin of the site is told that %s is the owner’s', async (path) => {
    const page = await bench.pageOf(await bench.person(`admin-${path}`, 'admin'));
    await open(`/settings/${path}`, page);
    await page.getByText('It is for the owner of the appliance.').waitFor();
    expect(await page.getByRole('link', { name: /^(Jobs|Backup|System)$/ }).count()).toBe(0);
    await isSoundEverywhere(page);
  });

  test('everybody may see how to trust the appliance', async () => {
    const page = await bench.pageOf(await bench.person('vera', 'viewer'));
    await open('/settings/trust', page);
    await page.getByRole('link', { name: 'Download the certificate' }).waitFor();
  });
});

test('nothing complained on any of these pages', () => {
  expect(bench.complaints.filter((text) => !/Failed to load resource/.test(text))).toEqual([]);
});
