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

/** Starts Debian's Chromium without a window. */
export function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, ...flags] });
}

/** Everything that a page complained about; a test at the end expects it to be empty. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console ${message.type()}: ${message.text()}`);
  });
  return complaints;
}
