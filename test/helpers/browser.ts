import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.REEVE_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** Nothing of Chromium's own goes out: neither look-ups nor updates. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-gpu',
  '--no-first-run',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Starts Debian's Chromium without a window; with REEVE_TEST_COVERAGE it writes down what of the dashboard each page ran. */
export async function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, ...flags] });
  const folder = process.env.REEVE_TEST_COVERAGE;
  if (folder) keepCoverage(browser, folder);
  return browser;
}

function keepCoverage(browser: Browser, folder: string): void {
  mkdirSync(folder, { recursive: true });
  browser.on('context', (context) => {
    const pages: Page[] = [];
    context.on('page', (page) => {
      pages.push(page);
      void follow(page, folder);
    });
    const close = context.close.bind(context);
    context.close = async (reason) => {
      await Promise.all(pages.map((page) => writeCoverage(page, folder)));
      return close(reason);
    };
  });
  const close = browser.close.bind(browser);
  browser.close = async (reason) => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    return close(reason);
  };
}

/** A page that is left takes what Chromium knows of its scripts along: it is written down before. */
async function follow(page: Page, folder: string): Promise<void> {
  const start = () => page.coverage.startJSCoverage({ resetOnNavigation: false });
  const leave = async () => {
    await writeCoverage(page, folder);
    await start();
  };
  const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)];
  page.goto = (...parameters) => leave().then(() => goto(...parameters));
  page.reload = (...parameters) => leave().then(() => reload(...parameters));
  await start();
}

async function writeCoverage(page: Page, folder: string): Promise<void> {
  if (page.isClosed()) return;
  const scripts = await page.coverage.stopJSCoverage();
  const ours = scripts.flatMap(({ url, functions }) =>
    url.includes('/assets/') ? [{ file: new URL(url).pathname, functions }] : [],
  );
  if (ours.length > 0) writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(ours));
}

/** Everything that a page complained about; a test at the end expects it to be empty. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    // An interface of this machine came or went, a container's say: Chromium drops what is under way, and the page asks again.
    if (message.text().includes('net::ERR_NETWORK_CHANGED')) return;
    if (['error', 'warning'].includes(message.type())) complaints.push(`console ${message.type()}: ${message.text()}`);
  });
  return complaints;
}
