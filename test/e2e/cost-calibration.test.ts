import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { openHistory } from '../../appliance/history/open.ts';
import { openLog } from '../../appliance/log.ts';
import { openNedbHistory } from '../../appliance/store/nedb/history-engine.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { openBrowser } from '../helpers/browser.ts';
import { costFleet } from '../helpers/cost-fleet.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { httpMeter, shellyGen2 } from '../helpers/meters.ts';
import { createOwner, type Owner, signIn } from '../helpers/owner.ts';
import { keepPicture } from '../helpers/page.ts';

const STEP_MS = 300_000;
const DAY_MS = 86_400_000;
const IDLE = 24;
const MORE = 60;
const dataDir = makeDirectory();
let appliance: RunningAppliance;
let owner: Owner;
let browser: Browser;
let page: Page;
let hostId = '';

/** Works by day, and rests by night. */
const cpu = (at: number): number => 0.1 + 0.4 * Math.max(0, Math.sin((at / DAY_MS) * 2 * Math.PI));

/** What a plug said in the last day, written while the appliance is off: a day is played, not waited for. */
async function playDay(): Promise<void> {
  const begin = Date.now() - DAY_MS;
  let now = begin;
  const log = openLog({ level: 'silent', isTerminal: false });
  const engine = await openNedbHistory({ dir: join(dataDir, 'history'), log, now: () => now });
  const history = await openHistory({ engine, log, now: () => now, longestWaitMs: 1 });
  const attributes = { 'hw.source': 'shelly' };
  const series = history.declare(hostId, [
    { metric: 'hw.host.power', attributes },
    { metric: 'hw.host.energy.used', attributes },
  ]);
  const same = { hostId, stream: 'played', offsetMs: 0, intervalMs: STEP_MS, series };
  const rows = Array.from({ length: DAY_MS / STEP_MS }, (_, n) => {
    const at = begin + n * STEP_MS;
    const watts = IDLE + MORE * cpu(at);
    return { ...same, seq: n + 1, at, values: [watts, (watts * STEP_MS) / 1_000] };
  });
  now = Date.now();
  await history.append(rows);
  await history.close();
}

/** One host with a day of its processors, on a plug that has measured it for as long. */
async function setUp(): Promise<void> {
  appliance = await startAppliance({ dataDir });
  owner = await createOwner(appliance);
  const machine = { name: 'nas01', cpuModel: 'Intel(R) Core(TM) i5-8500', cpu };
  const request = (...asked: Parameters<Owner['request']>) => owner.request(...asked);
  const fleet = await costFleet({ httpsUrl: appliance.httpsUrl, request }, [machine], 1.2);
  hostId = fleet.hosts[0]?.hostId ?? '';
  const { url } = await httpMeter(shellyGen2({ watts: 33, wh: 1_000 }));
  const chosen = { rev: 0, kind: 'shelly', value: { url } };
  expect((await owner.request('PUT', `/api/v1/hosts/${hostId}/power-source`, chosen)).status).toBe(200);
  fleet.close();
  await appliance.stop();
  await playDay();
  appliance = await startAppliance({ dataDir });
  owner = await signIn(appliance);
  browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const [name = '', value = ''] = owner.cookie.split('=');
  await context.addCookies([{ name, value, url: appliance.httpUrl }]);
  page = await context.newPage();
}

afterAll(async () => {
  await browser?.close();
  await appliance?.stop();
  removeDirectory(dataDir);
});

test('a model is fitted to a day on the plug, says how far it is off, and takes the place of the plug', async () => {
  await setUp();
  await page.goto(`${appliance.httpUrl}/hosts/${hostId}/cost`);
  await page.getByRole('heading', { name: /Shelly plug/ }).waitFor();
  await page.getByRole('button', { name: 'Calibrate' }).click();
  const found = page.getByRole('status').filter({ hasText: 'h on the meter' });
  await found.waitFor();
  const [idle = 0, full = 0] = [...((await found.textContent()) ?? '').matchAll(/([\d.]+)\s*W/g)].map(([, n]) =>
    Number(n),
  );
  expect(idle).toBeGreaterThan(IDLE * 0.9);
  expect(idle).toBeLessThan(IDLE * 1.1);
  expect(full).toBeGreaterThan((IDLE + MORE) * 0.9);
  expect(full).toBeLessThan((IDLE + MORE) * 1.1);
  await keepPicture(page, 'cost-calibration');
  await page.getByRole('button', { name: 'Use it in place of the meter' }).click();
  await page.getByRole('heading', { name: /Model of the machine/ }).waitFor();
  await page.getByText(/calibrated .*±/).waitFor();
  const { body } = await owner.request('GET', `/api/v1/hosts/${hostId}/power-source`);
  expect(body).toMatchObject({ kind: 'model', value: { isCalibrated: true } });
}, 150_000);
