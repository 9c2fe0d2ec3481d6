import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';
import type { Host } from '../../protocol/hosts.ts';
import { complaintsOf, openBrowser } from './browser.ts';
import { axeFindings, keepPicture } from './page.ts';
import { type PlayedAppliance, playAppliance } from './played-appliance.ts';
import { ROOT } from './root.ts';

export const DESKTOP = { viewport: { width: 1280, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
export const SIZES = [
  ['on a desktop', DESKTOP],
  ['on a phone', PHONE],
] as const;

export interface OpenDashboard {
  page: Page;
  appliance: PlayedAppliance;
  complaints: string[];
}

interface Opening {
  hosts: Host[];
  path?: string;
  size?: BrowserContextOptions;
  /** Before the page is opened. */
  prepare?: (appliance: PlayedAppliance) => void;
}

/**
 * One browser for a test file, and `open`: a played appliance and a page on it that end with the test. A page that fails a test leaves
 * its picture in test/output.
 */
export function dashboards(): { open: (opening: Opening) => Promise<OpenDashboard> } {
  let browser: Browser;
  let current: Page | undefined;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && current) await keepPicture(current, task.name.replace(/\W+/g, '-'));
  });

  const open = async ({ hosts, path = '/', size = DESKTOP, prepare }: Opening): Promise<OpenDashboard> => {
    const appliance = await playAppliance(join(ROOT, 'dist/web'), hosts);
    prepare?.(appliance);
    const context = await browser.newContext({ ...size, colorScheme: 'dark' });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    current = page;
    onTestFinished(async () => {
      await context.close();
      await appliance.close();
    });
    const complaints = complaintsOf(page);
    await page.goto(appliance.url + path);
    return { page, appliance, complaints };
  };
  return { open };
}

/** What every state has to keep: axe finds nothing, nothing scrolls sideways, and the console stays empty but for what is `expected`. */
export async function isSound({ page, complaints }: OpenDashboard, expected?: RegExp): Promise<void> {
  expect(await axeFindings(page)).toEqual([]);
  const widths = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';
  const [wide = 0, seen = 0] = (await page.evaluate(widths)) as number[];
  expect(wide).toBeLessThanOrEqual(seen);
  expect(complaints.filter((text) => !expected?.test(text))).toEqual([]);
}

/** The same on one page at every size, for a state that takes long to come about. */
export async function isSoundAtAllSizes(dashboard: OpenDashboard, expected?: RegExp): Promise<void> {
  for (const [, { viewport }] of SIZES) {
    await dashboard.page.setViewportSize(viewport);
    await isSound(dashboard, expected);
  }
}
