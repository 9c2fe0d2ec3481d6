// bench: what the dashboard costs to open, and how long a value takes from an agent to the screen
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { pairWith } from '../../discovery/pairing/client.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { openBrowser } from '../helpers/browser.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { connectByHand, declared, frameOf, type HandAgent } from '../helpers/hand-agent.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { someFacts } from '../helpers/pairing-appliance.ts';
import { ROOT } from '../helpers/root.ts';
import { until } from '../helpers/until.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { median, quantile } from './measure.ts';

interface Stage {
  browser: Browser;
  appliance: RunningAppliance;
  owner: Owner;
  agent: HandAgent;
  hostId: string;
  seq: number;
}

/**
 * Put into the page before anything else: `reeveSaw(text)` resolves with the epoch time of the first frame that shows the text
 * anywhere, shadow trees included; frames are asked one by one, so that it is right to about 17 ms.
 */
const WATCHER = `
globalThis.reeveText = (node) => node.nodeType === 3 ? node.data : node.localName === 'style' || node.localName === 'script' ? '' :
  [...(node.shadowRoot ?? node).childNodes].map(globalThis.reeveText).join('');
globalThis.reeveSaw = (text) => new Promise((done, failed) => {
  const endsAt = performance.now() + 10000;
  const look = () => {
    const shown = document.body ? globalThis.reeveText(document.body).replace(/\\s/g, ' ') : '';
    if (shown.includes(text)) done(performance.timeOrigin + performance.now());
    else if (performance.now() > endsAt) failed(new Error(text + ' does not appear in: ' + shown.replace(/ +/g, ' ')));
    else requestAnimationFrame(look);
  };
  look();
});`;

const share = (percent: number) => percent / 100;

async function send(stage: Stage, percent: number): Promise<number> {
  const sentAt = Date.now();
  const answer = await stage.agent.say('frames', {
    offsetMs: 0,
    frames: [frameOf(++stage.seq, sentAt, [0, share(percent), 1, stage.seq])],
  });
  if (!answer.ok) throw new Error(answer.error.message);
  return sentAt;
}

async function open(
  browser: Browser,
  owner: Owner,
  appliance: RunningAppliance,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const [name = '', value = ''] = owner.cookie.split('=');
  await context.addCookies([{ name, value, url: appliance.httpUrl }]);
  await context.addInitScript(WATCHER);
  return { context, page: await context.newPage() };
}

interface Opened {
  fcp: number;
  loaded: number;
  /** From the load event to the first value on the screen. */
  firstValue: number;
  files: string[];
}

/** Opens a page in a browser that has never seen it; `text` is the value that has to appear. */
async function openCold({ browser, owner, appliance }: Stage, path: string, text: string): Promise<Opened> {
  const { context, page } = await open(browser, owner, appliance);
  const files: string[] = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (!/^\/(assets\/|$)|\.(js|css|svg|html)$/.test(pathname) && pathname !== path) return;
    files.push(pathname === path ? '/index.html' : pathname);
  });
  await page.goto(appliance.httpUrl + path, { waitUntil: 'load' });
  const seenAt = (await page.evaluate(`reeveSaw(${JSON.stringify(text)})`)) as number;
  const { fcp, loaded, origin } = (await page.evaluate(`({
    fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    loaded: performance.getEntriesByType('navigation')[0].loadEventEnd,
    origin: performance.timeOrigin,
  })`)) as { fcp: number; loaded: number; origin: number };
  await pause(300);
  await context.close();
  return { fcp, loaded, firstValue: Math.max(0, seenAt - origin - loaded), files };
}

/** Bytes of files as the build has packed them, `br` or `gz`. */
const packedBytes = (files: readonly string[], packing: 'br' | 'gz'): number =>
  [...new Set(files)].reduce((sum, file) => sum + statSync(join(ROOT, 'dist/web', `${file}.${packing}`)).size, 0);

/** Sends values that have not been shown before, and measures each until it stands on the page. */
async function latencies(stage: Stage, page: Page, count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let at = 0; at < count; at++) {
    const percent = 11 + ((at * 7) % 80);
    const seen = page.evaluate(`reeveSaw(${JSON.stringify(`${percent} %`)})`) as Promise<number>;
    await pause(30);
    const [sentAt, seenAt] = await Promise.all([send(stage, percent), seen]);
    waits.push(seenAt - sentAt);
    await pause(150 + ((at * 37) % 100));
  }
  return waits;
}

async function* measure(stage: Stage, { isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const times = isQuick ? 1 : 9;
  await send(stage, 42);
  const opened: Opened[] = [];
  for (let at = 0; at < times; at++) opened.push(await openCold(stage, '/', '42 %'));
  const [first] = opened;
  const overview = await openCold(stage, `/hosts/${stage.hostId}`, '42 %');
  const kilobytes = (bytes: number) => bytes / 1000;
  const note = `${times} cold starts, median`;
  yield {
    name: 'first page, before charts',
    value: kilobytes(packedBytes(first?.files ?? [], 'br')),
    unit: 'KB brotli',
    atMost: 60,
    aim: 40,
    note: `${kilobytes(packedBytes(first?.files ?? [], 'gz')).toFixed(1)} KB over plain HTTP, where browsers take only gzip`,
  };
  yield {
    name: 'host page, with time-series charts',
    value: kilobytes(packedBytes(overview.files, 'br')),
    unit: 'KB brotli',
    atMost: 225,
    aim: 180,
  };
  yield { name: 'first contentful paint', value: median(opened.map(({ fcp }) => fcp)), unit: 'ms', aim: 100, note };
  yield { name: 'load event', value: median(opened.map(({ loaded }) => loaded)), unit: 'ms', note };
  yield {
    name: 'load → first value on the page',
    value: median(opened.map(({ firstValue }) => firstValue)),
    unit: 'ms',
    atMost: 1_000,
    note,
  };

  for (const [what, path] of [
    ['card', '/'],
    ['chart', `/hosts/${stage.hostId}`],
  ] as const) {
    const { context, page } = await open(stage.browser, stage.owner, stage.appliance);
    await page.goto(stage.appliance.httpUrl + path);
    await page.evaluate('reeveSaw(" %")');
    await pause(1_000);
    const waits = await latencies(stage, page, isQuick ? 5 : 60);
    await context.close();
    yield { name: `agent → ${what}, median`, value: median(waits), unit: 'ms' };
    yield {
      name: `agent → ${what}, p95`,
      value: quantile(waits, 0.95),
      unit: 'ms',
      atMost: 500,
      note: 'from sending to the frame that shows it',
    };
  }
}

async function prepare(appliance: RunningAppliance, browser: Browser): Promise<Stage> {
  const owner = await createOwner(appliance);
  const pairing = await pairWith(appliance.httpsUrl, {
    token: await owner.token('bench'),
    name: 'bench',
    facts: someFacts,
  });
  const agent = await connectByHand(appliance.httpsUrl, pairing);
  await agent.say('hello', { agentVersion: '0.1.0', facts: someFacts, intervalMs: 1_000 });
  await agent.say('declare', declared);
  const [host] = await until(() => owner.hosts());
  return { browser, appliance, owner, agent, hostId: host?.id ?? '', seq: 0 };
}

export async function* figures(options: BenchOptions): AsyncGenerator<Figure> {
  const dataDir = makeDirectory('reeve-bench-');
  const appliance = await startAppliance({ dataDir });
  const browser = await openBrowser();
  try {
    const stage = await prepare(appliance, browser);
    yield* measure(stage, options);
    stage.agent.close();
  } finally {
    await browser.close();
    await appliance.stop();
    removeDirectory(dataDir);
  }
}
