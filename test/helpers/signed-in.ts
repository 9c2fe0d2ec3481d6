import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type ApplianceSettings, type RunningAppliance, startAppliance } from './appliance.ts';
import { complaintsOf, openBrowser } from './browser.ts';
import { removeDirectory } from './directories.ts';
import { createOwner, type Owner } from './owner.ts';
import { axeFindings, keepPicture } from './page.ts';

/** A real appliance and a real browser, in which its owner is signed in. */
export interface Bench {
  readonly appliance: RunningAppliance;
  readonly owner: Owner;
  readonly page: Page;
  /** What the page complained about so far. */
  readonly complaints: string[];
  /** Another page, as who has this cookie; it ends with the file. */
  pageOf(cookie: string, options?: BrowserContextOptions): Promise<Page>;
  /** Makes an account with a role in the owner's site, and answers with the cookie of its session. */
  person(userName: string, role: 'viewer' | 'operator' | 'admin'): Promise<string>;
}

export interface BenchSettings extends ApplianceSettings {
  size?: BrowserContextOptions;
}

/** One for a test file, before all of its tests; a page that fails a test leaves its picture in test/output under `name`. */
export function signedIn(name: string, settings: BenchSettings = {}): Bench {
  const { size = { viewport: { width: 1280, height: 900 } }, ...started } = settings;
  let browser: Browser;
  const bench = { complaints: [] } as unknown as { -readonly [K in keyof Bench]: Bench[K] };
  bench.pageOf = async (cookie, options = size) => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    const [cookieName = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name: cookieName, value, url: bench.appliance.httpUrl }]);
    return context.newPage();
  };
  bench.person = (userName, role) => personOf(bench, userName, role);

  beforeAll(async () => {
    bench.appliance = await startAppliance(started);
    bench.owner = await createOwner(bench.appliance);
    browser = await openBrowser();
    bench.page = await bench.pageOf(bench.owner.cookie);
    bench.complaints = complaintsOf(bench.page);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await keepPicture(bench.page, `${name}-${task.name.replace(/\W+/g, '-')}`);
  });
  afterAll(async () => {
    await browser?.close();
    await bench.appliance?.stop();
    if (bench.appliance) removeDirectory(bench.appliance.dataDir);
  });
  return bench;
}

const PASSWORD = 'correct horse battery staple';

async function personOf({ appliance, owner }: Bench, userName: string, role: string): Promise<string> {
  const { body } = await owner.request('GET', '/api/v1/entry');
  const { siteId } = (body as { session: { siteId: string } }).session;
  const roles = [{ siteId, role }];
  const made = await owner.request('POST', '/api/v1/users', { userName, password: PASSWORD, roles });
  if (made.status !== 201) throw new Error(`${userName} could not be made: ${JSON.stringify(made.body)}`);
  const response = await fetch(`${appliance.httpUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userName, password: PASSWORD }),
  });
  return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
}

const WIDTHS = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';

/** The page as it stands, on a desktop and on a telephone: axe finds nothing, and nothing scrolls sideways. Leaves it on the desktop. */
export async function isSoundEverywhere(page: Page, picture?: string): Promise<void> {
  for (const [size, viewport] of [
    ['phone', { width: 390, height: 844 }],
    ['desktop', { width: 1280, height: 900 }],
  ] as const) {
    await page.setViewportSize(viewport);
    const [wide = 0, seen = 0] = (await page.evaluate(WIDTHS)) as number[];
    expect(wide, `sideways on a ${size}`).toBeLessThanOrEqual(seen);
    expect(await axeFindings(page), size).toEqual([]);
    if (picture) await keepPicture(page, `${picture}-${size}`);
  }
}
