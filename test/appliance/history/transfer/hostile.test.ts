import { expect, test } from 'vitest';
import { sealedLine } from '../../../../appliance/history/transfer/line.ts';
import { HOST, historyBench, NOON } from '../../../helpers/history.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { exported, pieces, saidBy } from '../../../helpers/transfer.ts';

const HOUR = 3_600_000;
const header = { n: 1, reeve: 'history', version: 1, at: NOON, from: 0, to: NOON, hosts: {} };
const series = [{ metric: 'a', values: [1, 2] }];
const rows = { n: 2, tier: 'raw', host: HOST, intervalMs: 5_000, from: NOON, at: [0, 5_000], series };
const end = { n: 3, end: true, rows: 2 };
const rolled = { metric: 'a', values: [1, 2], count: [1, 1], min: [1, 2], max: [1, 2] };
const minutes = { ...rows, tier: '1m', at: [0, 60_000], series: [rolled] };

const file = (...lines: unknown[]): string => lines.map((each) => sealedLine(JSON.stringify(each))).join('');

async function imported(text: string | Buffer) {
  const made = historyBench(temporaryDirectory());
  made.now = NOON + HOUR;
  const history = await made.open();
  const report = await history.transfer.import(pieces(text));
  return { ...report, said: saidBy(await exported(history)), history };
}

test('a whole file is taken, raw or of a tier', async () => {
  expect(await imported(file(header, rows, end))).toMatchObject({ lines: 3, rows: 2, known: 0 });
  expect(await imported(file(header, minutes, end))).toMatchObject({ lines: 3, rows: 2 });
  expect((await imported(file(header, rows, end))).problem).toBeUndefined();
});

test.each([
  ['an empty file', '', 1, 'was cut'],
  ['a file of something else', 'PK\u0003\u0004 rubbish', 1, 'none of an export'],
  ['JSON of something else', file({ n: 1, name: 'x' }), 1, 'not the first line of an export'],
  ['a file of a newer version', file({ ...header, version: 99 }), 1, 'update this one first'],
  ['a line that says to be another', file(header, { ...rows, n: 3 }), 2, 'lines are missing or out of order'],
  ['a tier that nobody knows', file(header, { ...rows, tier: '2m' }), 2, 'tier'],
  ['a host id that would break the catalogue', file(header, { ...rows, host: 'a,1;b' }), 2, 'host'],
  ['a host id that is a path', file(header, { ...rows, host: '../../x' }), 2, 'host'],
  ['times that go back', file(header, { ...rows, at: [5_000, 0] }), 2, 'at[1] is not after'],
  ['the same time twice', file(header, { ...rows, at: [0, 0] }), 2, 'at[1] is not after'],
  ['times before 2000', file(header, { ...rows, at: [-4e12, 0] }), 2, 'at[0] is no time'],
  ['times that are no whole ms', file(header, { ...rows, at: [0.5, 7] }), 2, 'at[0] is no time'],
  ['rows of the future', file(header, { ...rows, from: NOON + 99 * HOUR }), 2, 'rows of the future'],
  ['no rows', file(header, { ...rows, at: [], series: [{ metric: 'a', values: [] }] }), 2, 'no rows'],
  [
    'fewer values than rows',
    file(header, { ...rows, series: [{ metric: 'a', values: [1] }] }),
    2,
    '1 values for 2 rows',
  ],
  ['a value that is a text', file(header, { ...rows, series: [{ metric: 'a', values: [1, 'x'] }] }), 2, 'values[1]'],
  ['a value beyond doubles', file(header, rows).replace('[1,2]', '[1,1e999]'), 2, 'checksum is wrong'],
  ['an odd metric', file(header, { ...rows, series: [{ metric: 'a\nb', values: [1, 2] }] }), 2, 'metric'],
  ['counts in raw rows', file(header, { ...rows, series: [rolled] }), 2, 'series[0] has not what the tier raw needs'],
  ['a tier without counts', file(header, { ...rows, tier: '5m' }), 2, 'series[0] has not what the tier 5m needs'],
  ['a count below none', file(header, { ...minutes, series: [{ ...rolled, count: [-1, 1] }] }), 2, 'count[0]'],
  ['half a count', file(header, { ...minutes, series: [{ ...rolled, count: [0.5, 1] }] }), 2, 'count[0]'],
  ['a least above the most', file(header, { ...minutes, series: [{ ...rolled, min: [3, 2] }] }), 2, 'min[0]'],
  ['an end that counted other rows', file(header, rows, { ...end, rows: 3 }), 3, '3 rows were written, 2 came'],
  ['deep nesting', `${'['.repeat(200_000)}\n`, 1, 'does not end with a checksum'],
])('%s ends with the line and the reason, and leaves what was before', async (_, text, line, reason) => {
  const { problem, said } = await imported(text);
  expect(problem?.line).toBe(line);
  expect(problem?.reason).toContain(reason);
  expect(said.size).toBe(line === 3 ? 2 : 0);
});

test('a line without end is refused long before it fills the memory', async () => {
  async function* endless(): AsyncIterable<Uint8Array> {
    const much = Buffer.alloc(8 * 1024 * 1024, 'x');
    for (let n = 0; n < 1_000; n++) yield much;
  }
  const made = historyBench(temporaryDirectory());
  const history = await made.open();
  const { problem } = await history.transfer.import(endless());
  expect(problem).toMatchObject({ line: 1, reason: expect.stringContaining('longer than') });
});

test('more series than a host may have end the import at their line', async () => {
  const many = (n: number) => ({
    ...rows,
    n,
    from: NOON + n * 60_000,
    series: Array.from({ length: 6_000 }, (_, i) => ({ metric: `m.${n}.${i}`, values: [1, 2] })),
  });
  const { problem, said } = await imported(file(header, many(2), many(3), { ...end, n: 4 }));
  expect(problem).toMatchObject({ line: 3, reason: expect.stringContaining('10000 is the most') });
  expect(said.size).toBe(12_000);
});

test('names that are properties of every object are names like others', async () => {
  const odd = ['__proto__', 'constructor', 'toString'].map((metric) => ({
    metric,
    attributes: { constructor: '__proto__' },
    values: [1, 2],
  }));
  const { problem, said } = await imported(file(header, { ...rows, series: odd }, end));
  expect(problem).toBeUndefined();
  expect([...said.keys()]).toContain(`raw ${HOST} __proto__ ${NOON}`);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('one flipped bit anywhere is noticed, and named by its line', async () => {
  const good = Buffer.from(file(header, rows, end));
  for (let bit = 0; bit < good.length * 8; bit += 37) {
    const bad = Buffer.from(good);
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { problem } = await imported(bad);
    expect(problem, `bit ${bit}`).toBeDefined();
    const line = good.subarray(0, bit >> 3).filter((byte) => byte === 10).length + 1;
    expect(problem?.line, `bit ${bit}`).toBeLessThanOrEqual(line + 1);
  }
}, 60_000);
