import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type RunningAgent, startAgent } from '../helpers/agent.ts';
import { startAppliance } from '../helpers/appliance.ts';
import { openBrowser } from '../helpers/browser.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { createOwner, OWNER, type Owner } from '../helpers/owner.ts';
import { ROOT } from '../helpers/root.ts';
import { until } from '../helpers/until.ts';

const IMAGES = join(ROOT, 'docs/images');
const MACHINES: readonly (readonly [string, readonly string[]])[] = [
  ['nas01', ['storage', 'backup']],
  ['media', ['plex']],
  ['pihole', ['dns']],
];

interface View {
  name: string;
  path: string;
  theme?: 'dark' | 'light';
  isPhone?: boolean;
  /** Charts are drawn when the page is seen; this many have to be there. */
  charts?: number;
}

const signIn = async (
  browser: Browser,
  url: string,
  { theme = 'dark', isPhone = false }: Partial<View>,
): Promise<Page> => {
  const viewport = isPhone ? { width: 390, height: 844 } : { width: 1440, height: 900 };
  const context = await browser.newContext({ viewport, colorScheme: theme, hasTouch: isPhone });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByLabel('User name').fill(OWNER.userName);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('reeve-host-card').first().waitFor();
  return page;
};

async function take(page: Page, url: string, { name, path, charts = 0 }: View): Promise<void> {
  await page.goto(url + path);
  await page.locator('reeve-host-card, reeve-metric-chart, reeve-table').first().waitFor();
  await until(async () => (await page.locator('canvas').count()) >= charts, { what: `${charts} charts of ${name}` });
  // A second of values after the last chart was drawn, so that none of them is empty.
  await page.waitForTimeout(2_500);
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}

async function join3(owner: Owner, hub: string): Promise<RunningAgent[]> {
  const agents: RunningAgent[] = [];
  for (const [name, tags] of MACHINES) {
    agents.push(startAgent({ hub, token: await owner.token(name) }));
    const host = await until(async () => (await owner.hosts()).find((each) => each.name === name), {
      what: `${name} joins`,
    });
    await owner.request('PATCH', `/api/v1/hosts/${host.id}`, { rev: host.rev, tags });
  }
  return agents;
}

/**
 * Pictures for the papers, from a real system: the built appliance with its own agent and three more, running for `minutes` first so
 * that the charts have something to show.
 */
export async function screenshots(minutes: number): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
  const dataDir = makeDirectory();
  const appliance = await startAppliance({ dataDir, env: { REEVE_SELF_AGENT: 'on' } });
  const owner = await createOwner(appliance);
  const agents = await join3(owner, appliance.httpsUrl);
  const browser = await openBrowser();
  try {
    await until(() => false, { timeoutMs: minutes * 60_000, everyMs: 1_000 }).catch(() => undefined);
    const host = (await owner.hosts()).find(({ isAppliance }) => isAppliance);
    const views: View[] = [
      { name: 'fleet-dark', path: '/' },
      { name: 'fleet-light', path: '/', theme: 'light' },
      { name: 'fleet-phone', path: '/', isPhone: true },
      { name: 'host-dark', path: `/hosts/${host?.id}`, charts: 4 },
      { name: 'host-light', path: `/hosts/${host?.id}`, theme: 'light', charts: 4 },
      { name: 'host-phone', path: `/hosts/${host?.id}`, isPhone: true, charts: 2 },
      { name: 'metrics-dark', path: `/hosts/${host?.id}/metrics`, charts: 4 },
    ];
    for (const view of views) {
      const page = await signIn(browser, appliance.httpUrl, view);
      await take(page, appliance.httpUrl, view);
      await page.context().close();
    }
  } finally {
    await browser.close();
    await Promise.all(agents.map((agent) => agent.stop()));
    await appliance.stop();
    removeDirectory(dataDir);
  }
}
