import { afterEach, expect, test, vi } from 'vitest';
import { metricsOf, metricsText } from '../../../web-components/charts/groups.ts';
import type { HistoryBytes } from '../../../web-components/charts/history-bytes.ts';
import { hostHistory, readHostHistory } from '../../../web-components/charts/host-history.ts';
import { lateIn } from '../../../web-components/charts/overlay.ts';
import { chartCsv, chartSummary } from '../../../web-components/charts/summary.ts';

afterEach(() => vi.unstubAllGlobals());

const series = { hostId: 'h', metric: 'a', attributes: {} };
const answer: HistoryBytes = {
  ...{ from: 0, to: 15_000, first: 0, stepMs: 5_000, steps: 3, resolution: 'raw', unmatched: [] },
  columns: ['average', 'min', 'max'],
  hosts: [
    {
      ...{ id: 'h', name: 'nas01', resolution: 'raw', intervalMs: 5_000 },
      gaps: [{ from: 5_000, to: 10_000, reason: 'no data' }],
      late: [{ from: 0, to: 5_000 }],
    },
  ],
  series: [
    { ...series, id: 7, type: 'f4', numbers: [0, 1, 2].map(() => Float32Array.of(0.1, Number.NaN, 123.4567)) },
    { ...series, id: 8, type: 'f8', numbers: [0, 1, 2].map(() => Float64Array.of(1e12 + 1, Number.NaN, 0.1)) },
  ],
};

test('numbers of an answer become lists: null for a gap, and no noise behind the digits of Float32', () => {
  const { series: found, gaps, late, intervalMs } = hostHistory(answer);
  expect(found.get(7)).toMatchObject({ at: [0, 5_000, 10_000], average: [0.1, null, 123.4567], stepMs: 5_000 });
  expect(found.get(8)?.max).toEqual([1e12 + 1, null, 0.1]);
  expect({ gaps, late, intervalMs }).toEqual({
    gaps: answer.hosts[0]?.gaps,
    late: [{ from: 0, to: 5_000, reason: 'filled in later' }],
    intervalMs: 5_000,
  });
});

test('an answer for a host that has nothing is empty', () => {
  expect(hostHistory({ ...answer, hosts: [], series: [] })).toMatchObject({ gaps: [], late: [], intervalMs: 5_000 });
});

test('what is no answer of history fails, and a refusal keeps its words', async () => {
  const asked = { hosts: 'h', from: 0, to: 1, metrics: 'a', maxPoints: 10 };
  const { signal } = new AbortController();
  const fetched = vi.fn(async (_path: string, _request: RequestInit) => new Response('<html>proxy</html>'));
  vi.stubGlobal('fetch', fetched);
  await expect(readHostHistory(asked, signal)).rejects.toThrow('not an answer of history');
  expect(fetched.mock.calls[0]?.[0]).toBe('/api/v1/history?hosts=h&from=0&to=1&metrics=a&maxPoints=10');
  expect(fetched.mock.calls[0]?.[1].headers).toEqual({ accept: 'application/vnd.reeve.history' });
  const problem = { code: 'too-long', title: 'This takes too long', detail: 'ask for less' };
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(problem), { status: 503 }));
  await expect(readHostHistory(asked, signal)).rejects.toMatchObject({ code: 'too-long', message: 'ask for less' });
});

test('names of metrics are told apart by commas, also when they have some', () => {
  const ids = ['a', 'b,c', 'd e'];
  expect(metricsText(ids)).toBe('a,b\\,c,d e');
  expect(metricsOf(metricsText(ids))).toEqual(ids);
  expect(metricsOf('')).toEqual([]);
});

test('stretches that were filled in later are marked and told while they are in sight', () => {
  const late = [
    { from: 0, to: 10, reason: 'x' },
    { from: 90, to: 95, reason: 'y' },
  ];
  expect(lateIn(late, { from: 10, to: 100 })).toEqual([late[1]]);
  expect(lateIn(late, { from: 95, to: 100 })).toEqual([]);
  const window = { from: 0, to: 1, quantity: { unit: '1', options: {} } };
  expect(chartSummary('CPU', [], { ...window, isLate: true })).toMatch(
    /No values\. Parts of it were filled in later\.$/,
  );
  expect(chartSummary('CPU', [], window)).not.toContain('later');
});

test.each(['=cmd(),x', ' =cmd(),x', '＝cmd(),x', '\u00a0@cmd(),x'])(
  'a saved file has no heading that a spreadsheet would run: %j',
  (label) => {
    const line = { id: '1', label, at: [0], average: [1] };
    expect(chartCsv([line], 'By').split('\r\n')[0]).toBe(`time,"'${label} (By)"`);
  },
);
