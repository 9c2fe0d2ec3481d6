import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../appliance/history/formats/answer.ts';
import { binaryAnswer } from '../../../../appliance/history/formats/binary.ts';
import { formatOf } from '../../../../appliance/history/formats/choose.ts';
import { csvPieces } from '../../../../appliance/history/formats/csv.ts';
import { isSmall, jsonOf, jsonPieces } from '../../../../appliance/history/formats/json.ts';
import { TextBytes } from '../../../../appliance/history/formats/text-bytes.ts';
import { sevenDigits } from '../../../../appliance/history/query/columns.ts';
import { Slices } from '../../../../appliance/history/slices.ts';
import { type Column, historyAnswer, type SeriesHead } from '../../../../protocol/routes/history.ts';
import { decodeHistory } from '../../../../web-components/charts/history-bytes.ts';
import { NOON } from '../../../helpers/history.ts';
import { seeded } from '../../../helpers/random.ts';

const ID = '019aa5a0-0000-7000-8000-000000000001';
const OTHER = '019aa5a0-0000-7000-8000-000000000002';

interface Made {
  values: readonly (readonly number[])[];
  columns?: readonly Column[];
  names?: readonly [string, string];
  series?: readonly Partial<SeriesHead>[];
}

/** An answer of two hosts; each entry of `values` is a column of a series. */
function answer({ values, columns = ['average'], names = ['nas01', 'media'], series = [] }: Made): Answer {
  const host = { resolution: 'raw' as const, intervalMs: 5_000, gaps: [], late: [] };
  const perSeries = columns.length;
  return {
    head: {
      ...{
        from: NOON,
        to: NOON + 15_000,
        first: NOON,
        stepMs: 5_000,
        steps: values[0]?.length ?? 3,
        resolution: 'raw',
      },
      columns: [...columns],
      hosts: [
        { id: ID, name: names[0], ...host, gaps: [{ from: NOON, to: NOON + 5_000, reason: 'no data' }] },
        { id: OTHER, name: names[1], ...host, late: [{ from: NOON, to: NOON + 5_000 }] },
      ],
      unmatched: [],
    },
    series: Array.from({ length: values.length / perSeries }, (_, n) => ({
      head: { hostId: n % 2 === 0 ? ID : OTHER, id: n, metric: 'm', attributes: {}, ...series[n] },
      columns: values.slice(n * perSeries, (n + 1) * perSeries).map((each) => Float64Array.from(each)),
    })),
    slices: new Slices(),
  };
}

async function textOf(pieces: AsyncIterable<string | Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += Buffer.from(piece);
  return text;
}

async function bytesOf(made: Answer): Promise<{ said: number; buffer: ArrayBuffer }> {
  const { bytes, pieces } = binaryAnswer(made);
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return { said: bytes, buffer: Uint8Array.from(Buffer.concat(all)).buffer };
}

const ODD = [0.1, Number.NaN, -1.5, 2 ** 53, 1e300, 5e-324, Number.POSITIVE_INFINITY];

describe('JSON', () => {
  test('is what the protocol says, with null for what is no number', async () => {
    const made = answer({ values: [ODD, [1, 2, 3, 4, 5, 6, 7]] });
    const { series, hosts } = historyAnswer.parse(JSON.parse(await textOf(jsonPieces(made))));
    expect(series.map(({ average }) => average)).toEqual([
      [0.1, null, -1.5, 2 ** 53, 1e300, 5e-324, null],
      [1, 2, 3, 4, 5, 6, 7],
    ]);
    expect(hosts).toEqual(made.head.hosts);
  });

  test('has each number as the double that it is, in the fewest digits', async () => {
    const random = seeded(7);
    const values = [
      -0,
      1e15,
      1e15 - 1,
      2 ** 52 + 0.5,
      1e21,
      123_456_789_012.5,
      99_999_999,
      1e8,
      0.1 + 0.2,
      -1e-8,
      5e-9,
    ];
    for (let n = 0; n < 20_000; n++) {
      const value = (random() - 0.5) * 10 ** Math.floor(random() * 20);
      values.push(value, Number(value.toFixed(Math.floor(random() * 10))), sevenDigits(value), Math.round(value));
    }
    const out = new TextBytes();
    out.numbers(Float64Array.from(values));
    const texts = Buffer.from(out.take()).toString().split(',');
    expect(texts.map(Number)).toEqual(values.map((value) => value + 0));
    const longer = texts.filter((text, n) => text.length > Math.max(String(values[n]).length, '-0.00000001'.length));
    expect(longer).toEqual([]);
  });

  test('has the same number again and again, and whole ones among decimals, as JSON has them', () => {
    const random = seeded(11);
    const values: number[] = [];
    while (values.length < 20_000) {
      const value = Number(((random() - 0.5) * 10 ** Math.floor(random() * 12)).toFixed(Math.floor(random() * 3)));
      for (let n = Math.floor(random() * 3); n >= 0; n--) values.push(value + 0);
      if (random() < 0.05) values.push(Number.NaN, Number.NaN, -1e300, -1e300);
    }
    const out = new TextBytes();
    out.numbers(Float64Array.from(values));
    const expected = values.map((value) => (Number.isNaN(value) ? null : value));
    expect(`[${Buffer.from(out.written())}]`).toBe(JSON.stringify(expected));
  });

  test('that is small is the same at once as in pieces, in memory that is used again', async () => {
    const out = new TextBytes();
    for (const values of [[ODD, [1, 2, 3, 4, 5, 6, 7]], [[0.5]], [ODD]]) {
      const made = answer({ values });
      expect(isSmall(made)).toBe(true);
      out.clear();
      expect(Buffer.from(jsonOf(made, out)).toString()).toBe(await textOf(jsonPieces(made)));
    }
    const long = Array.from({ length: 5_000 }, (_, n) => n);
    expect(isSmall(answer({ values: Array.from({ length: 4 }, () => long) }))).toBe(false);
  });

  test('of no series is whole', async () => {
    expect(historyAnswer.parse(JSON.parse(await textOf(jsonPieces(answer({ values: [] }))))).series).toEqual([]);
  });

  test('of much comes in pieces', async () => {
    const long = Array.from({ length: 5_000 }, (_, n) => n + 0.123456);
    let pieces = 0;
    for await (const piece of jsonPieces(answer({ values: Array.from({ length: 50 }, () => long) }))) {
      expect(piece.length).toBeLessThan(200_000);
      pieces += 1;
    }
    expect(pieces).toBeGreaterThan(10);
  });
});

/** Fields of RFC 4180 text, read by the letter of its grammar. */
function fieldsOf(text: string): string[][] {
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const found = field.exec(text);
    if (!found) throw new Error(`not RFC 4180 at ${at}: ${text.slice(at, at + 40)}`);
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('CSV', () => {
  test('has a line for each step with ISO time, a unit in the heading, and nothing in a gap', async () => {
    const columns = ['average', 'count'] as const;
    const series = [{ unit: 'By', attributes: { disk: 'sda', at: '1' } }];
    const made = answer({ values: [[1.5, Number.NaN, -2], [2, 0, 1]], columns, series }); // biome-ignore format: a column each
    expect(await textOf(csvPieces(made))).toBe(
      [
        'time,"nas01 m{at=""1"",disk=""sda""} average [By]","nas01 m{at=""1"",disk=""sda""} count"',
        '2025-11-21T12:00:00.000Z,1.5,2',
        '2025-11-21T12:00:05.000Z,,0',
        '2025-11-21T12:00:10.000Z,-2,1',
        '',
      ].join('\r\n'),
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('a name as %j is no formula', async (name) => {
    const made = answer({ values: [[1], [1]], names: [name, 'media'] });
    const [heading = []] = fieldsOf(await textOf(csvPieces(made)));
    expect(heading[1]).toBe(`'${name} m average`);
  });

  test('a metric that begins like a formula is none where no host stands before it', async () => {
    const { head, series, slices } = answer({ values: [[1]], columns: ['value'], series: [{ metric: '=1+1' }] });
    const { hostId: _, ...own } = series[0]?.head ?? { metric: '', attributes: {} };
    const made = { head, slices, series: [{ head: own, columns: series[0]?.columns ?? [] }] };
    expect(fieldsOf(await textOf(csvPieces(made)))[0]?.[1]).toBe("'=1+1 value");
  });

  test('odd names stay one field, and each line has as many fields as the heading', async () => {
    const attributes = { k: 'a,b"c\r\nd' };
    const made = answer({ values: [[1, 2, 3], [4, 5, 6]], names: ['a"b', 'c\nd'], series: [{ attributes }, { attributes }] }); // biome-ignore format: a column each
    const rows = fieldsOf(await textOf(csvPieces(made)));
    expect(rows.map(({ length }) => length)).toEqual([3, 3, 3, 3]);
    expect(rows[0]?.[1]).toBe('a"b m{k="a,b\\"c\r\\nd"} average');
  });
});

describe('the binary form', () => {
  test('comes back as it was: head, gaps, and numbers to seven digits or all of them', async () => {
    const values = [ODD, [1, 2, 3, Number.NaN, 0.1, 6, 7], [8e6 + 0.25, 8e6 + 1.25, 8e6, 8e6, 8e6, 8e6, 8e6]];
    const made = answer({ values, names: ['ünï 🙂', 'media'] });
    const { said, buffer } = await bytesOf(made);
    expect(buffer.byteLength).toBe(said);
    const { series, ...head } = decodeHistory(buffer);
    expect(head).toEqual(made.head);
    expect(series.map(({ type }) => type)).toEqual(['f8', 'f4', 'f8']);
    expect(Array.from(series[0]?.numbers[0] ?? [])).toEqual(ODD);
    expect(Array.from(series[1]?.numbers[0] ?? [])).toEqual([1, 2, 3, Number.NaN, Math.fround(0.1), 6, 7]);
    expect(Array.from(series[2]?.numbers[0] ?? [])).toEqual(values[2]);
    expect(series.map(({ hostId, metric }) => `${hostId} ${metric}`)).toEqual([`${ID} m`, `${OTHER} m`, `${ID} m`]);
  });

  test.each([0, 1, 2, 3, 7, 8])('of %i steps is aligned, whatever stands before', async (steps) => {
    const column = Array.from({ length: steps }, (_, n) => n);
    const double = column.map((n) => (n + 1) * 1e39);
    const made = answer({ values: [column, double, column, double], names: ['a'.repeat(steps), ''] });
    const { series } = decodeHistory((await bytesOf(made)).buffer);
    expect(series.map(({ numbers }) => Array.from(numbers[0] ?? []))).toEqual([column, double, column, double]);
  });

  test('that is cut off or something else is refused', async () => {
    const { buffer } = await bytesOf(answer({ values: [[1, 2, 3]] }));
    for (let length = 0; length < buffer.byteLength; length++)
      expect(() => decodeHistory(buffer.slice(0, length))).toThrow();
    expect(() => decodeHistory(new TextEncoder().encode('{"code":"not-found"}').buffer)).toThrow('not an answer');
    const huge = buffer.slice(0);
    new DataView(huge).setUint32(4, 0xffff_fff0, true);
    expect(() => decodeHistory(huge)).toThrow('cut off');
  });
});

test.each([
  [undefined, 'json'],
  ['*/*', 'json'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
  ['text/csv', 'csv'],
  ['text/csv;q=0.5, application/vnd.reeve.history', 'binary'],
  ['text/csv, application/json;q=0.9', 'csv'],
  ['TEXT/CSV; q=0', 'json'],
  ['text/csv;q=x', 'json'],
])('Accept %s is %s', (accept, format) => {
  expect(formatOf(accept)).toBe(format);
});
