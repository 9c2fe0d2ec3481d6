// Reads the coverage report of the tests and holds it against the table in groups.mjs.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ROOT } from '../image/prepare.mjs';
import { COVERAGE } from './groups.mjs';

export const COVERAGE_FOLDER = join(ROOT, 'coverage');
/** Where test/helpers/browser.ts leaves what of the dashboard each page ran. */
export const BROWSER_COVERAGE = join(ROOT, 'test/output/browser-coverage');
const SUMMARY = join(COVERAGE_FOLDER, 'coverage-summary.json');

/** Lines of each top folder: how many there are, and how many were run. */
export function linesByFolder(summary, root = ROOT) {
  const folders = new Map();
  for (const [file, { lines }] of Object.entries(summary)) {
    if (file === 'total') continue;
    const folder = relative(root, file).split(sep)[0];
    const sum = folders.get(folder) ?? { total: 0, covered: 0 };
    folders.set(folder, { total: sum.total + lines.total, covered: sum.covered + lines.covered });
  }
  return folders;
}

/** One line for each folder of the table, as `{ name, ok, stated }`. */
export function judgeCoverage(folders, table = COVERAGE) {
  return table.flatMap(({ folder, now, goal }) => {
    const { total, covered } = folders.get(folder) ?? { total: 0, covered: 0 };
    if (total === 0 && now === 0) return [];
    const percent = total === 0 ? 0 : (100 * covered) / total;
    const stated = `${percent.toFixed(1)} % of ${total} lines, at least ${now} %${now < goal ? `, goal ${goal} %` : ''}`;
    return [{ name: `coverage of ${folder}`, ok: percent >= now, stated }];
  });
}

/** Judges what the last run of these groups wrote, the browser's share included. */
export async function coverageResults(ran) {
  if (!existsSync(SUMMARY)) return [{ name: 'coverage', ok: false, stated: 'no report was written' }];
  // Loaded late: it needs packages that may not have been installed when the runner started.
  const { writeCoverage } = await import('./merge-coverage.mjs');
  writeCoverage({ withBrowser: ran.includes('e2e') });
  const table = COVERAGE.filter(({ measuredIn }) => measuredIn.every((id) => ran.includes(id)));
  return judgeCoverage(linesByFolder(JSON.parse(readFileSync(SUMMARY, 'utf8'))), table);
}
