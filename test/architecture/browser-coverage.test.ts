import { transform } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { addRun, charactersRun, placesRun } from '../merge-coverage.mjs';

const range = (startOffset: number, endOffset: number, count: number) => ({
  ranges: [{ startOffset, endOffset, count }],
});
const at = (line: number, from: number, to: number | null) => ({
  start: { line, column: from },
  end: { line, column: to },
});

describe('what Chromium ran', () => {
  test('is what the innermost of its ranges says', () => {
    const ran = charactersRun(6, [{ ranges: [range(0, 6, 1).ranges[0], range(2, 5, 0).ranges[0]] }, range(3, 4, 2)]);
    expect([...ran]).toEqual([1, 1, 0, 1, 0, 1]);
  });

  const SOURCE = 'export function used(n) {\n  n += 1;\n  return n;\n}\nexport function unused() {\n  return 2;\n}\n';

  test('is found again in the sources of a minified file, statement by statement', async () => {
    const { code, map } = await transform(SOURCE, {
      minify: true,
      format: 'esm',
      sourcemap: 'external',
      sourcefile: 'a.ts',
    });
    const unused = code.lastIndexOf('function');
    const whole = range(0, code.length, 1);
    const places = placesRun({ code, map, runs: [[whole, range(unused, code.indexOf('}', unused) + 1, 0)]] }).get(
      'a.ts',
    );
    const data = {
      statementMap: { 0: at(2, 2, null), 1: at(3, 2, 11), 2: at(6, 2, 11) },
      s: [0, 0, 0],
      fnMap: {},
      f: [],
    };
    addRun(data, places);
    expect(data.s).toEqual([1, 1, 0]);
  });

  test('counts when any of the pages ran it', () => {
    const map = { version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA' };
    const places = placesRun({ code: 'a()', map, runs: [[range(0, 3, 0)], [range(0, 3, 1)]] });
    expect(places.get('a.ts')).toEqual([{ line: 1, column: 0, ran: true }]);
  });

  test('says nothing of a statement that the compiler took away', () => {
    const data = { statementMap: { 0: at(5, 0, 9) }, s: [0], fnMap: {}, f: [] };
    addRun(data, [
      { line: 1, column: 0, ran: true },
      { line: 7, column: 0, ran: true },
    ]);
    expect(data.s).toEqual([0]);
  });
});
