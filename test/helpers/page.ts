import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { ROOT } from './root.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Everything that axe finds wrong with a page, as `rule: element`; contrast and shadow trees included. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; target: unknown }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, target }) => `${id}: ${JSON.stringify(target)} ${html}`),
    );
  });
}

/** Elements that a person can use with a pointer, deep inside shadow trees, as short descriptions in the order of the page. */
const DESCRIBE = `(() => {
  const name = (element) => {
    const host = element.getRootNode().host;
    const text = element.getAttribute('aria-label') || element.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40) || element.getAttribute('name') || '';
    return (host ? host.localName + ' ' : '') + element.localName + ' ' + text;
  };
  globalThis.reeveFocused = () => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element && element !== document.body ? name(element) : '';
  };
  globalThis.reeveUsable = () => {
    const found = [];
    const walk = (root) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) walk(element.shadowRoot);
        if (!element.matches('a[href], button, input, select, textarea, summary')) continue;
        if (element.matches(':disabled, [tabindex="-1"], [type=hidden]')) continue;
        if (!element.checkVisibility({ visibilityProperty: true })) continue;
        found.push(name(element));
      }
    };
    walk(document);
    return found;
  };
})()`;

/** What can be used with a pointer but is never reached with the Tab key. */
export async function unreachableByKeyboard(page: Page): Promise<string[]> {
  await page.evaluate(DESCRIBE);
  const usable = (await page.evaluate('reeveUsable()')) as string[];
  await page.evaluate('document.activeElement?.blur?.(); getSelection()?.removeAllRanges()');
  const reached = new Set<string>();
  for (let step = 0; step < usable.length * 2 + 20; step++) {
    await page.keyboard.press('Tab');
    reached.add((await page.evaluate('reeveFocused()')) as string);
    if (usable.every((one) => reached.has(one))) break;
  }
  return usable.filter((one) => !reached.has(one));
}

/** Keeps a picture of the page in test/output, for whoever looks into a failure. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(ROOT, 'test/output', `${name}.png`), fullPage: true }).catch(() => undefined);
}

interface PageNode {
  data?: string;
  localName?: string;
  shadowRoot?: PageNode | null;
  childNodes: Iterable<PageNode>;
}

/** What an element shows as text, its shadow tree included, which `textContent` leaves out. */
export function shownText(element: Locator): Promise<string> {
  return element.evaluate((host) => {
    const text = (node: PageNode): string =>
      node.localName === 'style' ? '' : (node.data ?? [...(node.shadowRoot ?? node).childNodes].map(text).join(' '));
    return text(host as unknown as PageNode)
      .replace(/\s+/g, ' ')
      .trim();
  });
}

/** A picture of an element, as text that can be compared. */
export async function picture(element: Locator): Promise<string> {
  return (await element.screenshot()).toString('base64');
}
