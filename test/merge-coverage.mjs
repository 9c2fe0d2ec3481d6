// Adds what Chromium ran of the dashboard to what the unit tests ran (Vitest's report), and writes the report for people. Chromium
// tells which characters of the built files ran; their source maps say which statement each character belongs to. Only after
// `npm ci`: everything it imports comes with Vitest's coverage package.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eachMapping, TraceMap } from '@jridgewell/trace-mapping';
import libCoverage from 'istanbul-lib-coverage';
import libReport from 'istanbul-lib-report';
import reports from 'istanbul-reports';
import { ROOT } from '../image/prepare.mjs';
import { BROWSER_COVERAGE, COVERAGE_FOLDER as FOLDER } from './coverage.mjs';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const before = (a, b) => a.line - b.line || a.column - b.column;

/** For each character whether it ran: V8's ranges lie within each other, and the innermost one holds. */
export function charactersRun(length, functions) {
  const ran = new Uint8Array(length);
  const ranges = functions.flatMap((each) => each.ranges);
  ranges.sort((a, b) => b.endOffset - b.startOffset - (a.endOffset - a.startOffset));
  for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return ran;
}

/** Places in the sources, by file and in their order, each with whether it ran in any of the runs of one built file. */
export function placesRun({ code, map, runs }) {
  const ran = runs.map((functions) => charactersRun(code.length, functions));
  const lineStarts = [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const places = new Map();
  eachMapping(new TraceMap(map), ({ source, generatedLine, generatedColumn, originalLine, originalColumn }) => {
    if (source === null) return;
    const at = lineStarts[generatedLine - 1] + generatedColumn;
    const place = { line: originalLine, column: originalColumn, ran: ran.some((one) => one[at] === 1) };
    if (!places.has(source)) places.set(source, []);
    places.get(source).push(place);
  });
  for (const list of places.values()) list.sort(before);
  return places;
}

/** A statement ran when its first place did. One that the compiler took away has no place: the unit tests' word holds. */
export function addRun(data, places) {
  const didRun = ({ start, end }) => {
    const first = places.find((place) => before(place, start) >= 0);
    // An end without a column is the end of its line.
    return first?.ran === true && before(first, { ...end, column: end.column ?? Number.POSITIVE_INFINITY }) < 0;
  };
  for (const [at, statement] of Object.entries(data.statementMap)) if (didRun(statement)) data.s[at] += 1;
  for (const [at, { loc }] of Object.entries(data.fnMap)) if (didRun(loc)) data.f[at] += 1;
}

/** What Chromium left: for each built file the runs of it. */
function browserRuns() {
  const runs = new Map();
  for (const name of existsSync(BROWSER_COVERAGE) ? readdirSync(BROWSER_COVERAGE) : []) {
    for (const { file, functions } of readJson(join(BROWSER_COVERAGE, name))) {
      runs.set(file, [...(runs.get(file) ?? []), functions]);
    }
  }
  return runs;
}

function addBrowserRuns(report) {
  for (const [file, runs] of browserRuns()) {
    const built = join(ROOT, 'dist/web', file);
    if (!existsSync(`${built}.map`)) continue;
    const places = placesRun({ code: readFileSync(built, 'utf8'), map: readJson(`${built}.map`), runs });
    for (const [source, list] of places) {
      const data = report[join(ROOT, source.replace(/^(\.\.\/)+/, ''))];
      if (data) addRun(data, list);
    }
  }
}

/** Writes coverage/index.html and coverage/coverage-summary.json; with the browser's share where it was measured. */
export function writeCoverage({ withBrowser }) {
  const report = readJson(join(FOLDER, 'coverage-final.json'));
  if (withBrowser) addBrowserRuns(report);
  const coverageMap = libCoverage.createCoverageMap(report);
  const context = libReport.createContext({ dir: FOLDER, coverageMap });
  for (const kind of ['html', 'json-summary']) reports.create(kind).execute(context);
}
