import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { OpenedHistory } from '../../../appliance/history/open.ts';
import { QueryQueue } from '../../../appliance/history/query/queue.ts';
import { Slices } from '../../../appliance/history/slices.ts';
import { HISTORY_MEDIA_TYPE, type HistoryAnswer, historyAnswer } from '../../../protocol/routes/history.ts';
import { decodeHistory } from '../../../web-components/charts/history-bytes.ts';
import { historyBench, NOON, sender } from '../../helpers/history.ts';
import { historyApi } from '../../helpers/history-api.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const original = Slices.prototype.pause;
const ID = (n: number) => `019aa5a0-0000-7000-8000-00000000000${n}`;
const HOSTS = [
  { id: ID(1), name: 'nas01', siteId: 'site-1' },
  { id: ID(2), name: '=cmd()', siteId: 'site-1' },
  { id: ID(3), name: 'theirs', siteId: 'site-2' },
];
const RANGE = { from: NOON, to: NOON + 50_000, maxPoints: 10 };

/** Ten rows at 5 s of each host: a = n + host, b = −n; row 4 is missing. */
async function filled(): Promise<OpenedHistory> {
  const made = historyBench(temporaryDirectory());
  const history = await made.open();
  for (const [index, { id: hostId }] of HOSTS.entries()) {
    const agent = sender(history, { hostId, stream: `agent-${index}/s` });
    const rows = [1, 2, 3, 4, 6, 7, 8, 9, 10];
    await history.append(rows.map((n) => agent.frame(NOON + (n - 1) * 5_000, [n - 1 + index, -n])));
  }
  made.now = NOON + 50_000;
  return history;
}

const asJson = async (response: Response): Promise<HistoryAnswer> => historyAnswer.parse(await response.json());

describe('whose history', () => {
  test('is that of all hosts of the site when none is named, and of no other site', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    const answer = await asJson(await get({ ...RANGE, metrics: 'a' }));
    expect(answer.hosts.map(({ name }) => name)).toEqual(['nas01', '=cmd()']);
    expect(answer.series.map(({ hostId }) => hostId)).toEqual([ID(1), ID(2)]);
  });

  test('of another site is answered exactly like that of a host which does not exist', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    const bodies = [];
    for (const hosts of [ID(3), ID(9), `${ID(1)},${ID(3)}`, 'nonsense']) {
      const response = await get({ ...RANGE, hosts });
      expect(response.status).toBe(404);
      bodies.push({ ...((await response.json()) as object), instance: '' });
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  test('is nobody’s business without a session', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    expect((await get(RANGE, { site: '' })).status).toBe(401);
  });
});

describe('the answer', () => {
  test('has steps, values, units and gaps as asked', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    const answer = await asJson(await get({ ...RANGE, hosts: ID(1), metrics: 'a', values: 'count,average' }));
    expect(answer).toMatchObject({ first: NOON, stepMs: 5_000, steps: 10, resolution: 'raw', unmatched: [] });
    expect(answer.columns).toEqual(['average', 'count']);
    expect(answer.hosts).toEqual([
      { id: ID(1), name: 'nas01', resolution: 'raw', intervalMs: 5_000, gaps: [], late: [] },
    ]);
    expect(answer.series).toEqual([
      {
        ...{ hostId: ID(1), id: 1, metric: 'a', attributes: {}, unit: 'By' },
        average: [0, 1, 2, 3, null, 5, 6, 7, 8, 9],
        count: [1, 1, 1, 1, 0, 1, 1, 1, 1, 1],
      },
    ]);
  });

  test('understands ISO times like epoch milliseconds', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    const iso = { from: '2025-11-21T12:00:00Z', to: '2025-11-21T13:00:50+01:00', maxPoints: 10 };
    expect(await (await get(iso)).text()).toBe(await (await get(RANGE)).text());
  });

  test('over all hosts is one series for each key, with how many stand behind each step', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    const answer = await asJson(await get({ ...RANGE, aggregate: 'sum' }));
    expect(answer).toMatchObject({ aggregate: 'sum', columns: ['value', 'hosts'] });
    expect(answer.series).toEqual([
      {
        ...{ metric: 'a', attributes: {}, unit: 'By' },
        value: [1, 3, 5, 7, null, 11, 13, 15, 17, 19],
        hosts: [2, 2, 2, 2, 0, 2, 2, 2, 2, 2],
      },
      expect.objectContaining({ metric: 'b' }),
    ]);
    expect(answer.hosts).toHaveLength(2);
  });

  test('names selectors that nothing fits', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    const answer = await asJson(await get({ ...RANGE, metrics: 'a, nothing{x="*"}' }));
    expect(answer.unmatched).toEqual(['nothing{x="*"}']);
    expect(answer.series).toHaveLength(2);
  });

  test('is the same in each form, by `format` or by `Accept`', async () => {
    const { get } = await historyApi(await filled(), HOSTS);
    const json = await asJson(await get(RANGE));
    const csv = await get(RANGE, { accept: 'text/csv' });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const text = await csv.text();
    expect(text).toBe(await (await get({ ...RANGE, format: 'csv' })).text());
    expect(text.split('\r\n')[0]).toMatch(/^time,nas01 a average \[By\],.*,'=cmd\(\) b max$/);
    const binary = await get(RANGE, { accept: `text/html;q=0.1, ${HISTORY_MEDIA_TYPE};q=0.9, application/json;q=0.5` });
    expect(binary.headers.get('content-type')).toBe(HISTORY_MEDIA_TYPE);
    const bytes = await binary.arrayBuffer();
    expect(binary.headers.get('content-length')).toBe(String(bytes.byteLength));
    const { series, ...head } = decodeHistory(bytes);
    const { series: expected, ...expectedHead } = json;
    expect(head).toEqual(expectedHead);
    const listed = series.map(({ numbers }) =>
      numbers.map((column) => Array.from(column, (value) => (Number.isNaN(value) ? null : value))),
    );
    expect(listed).toEqual(expected.map(({ average, min, max }) => [average, min, max]));
  });
});

describe('a request that is wrong is told the field and the cure', () => {
  test.each([
    ['a range that ends before it begins', { to: NOON - 1 }, 'query.to', 'lies before from'],
    ['a range of more than ten years', { from: 0 }, 'query.from', 'ten years'],
    ['a time that is none', { from: 'yesterday' }, 'query.from', 'ISO 8601'],
    ['a time of day without its zone', { from: '2025-11-21T12:00:00' }, 'query.from', 'zone'],
    ['an impossible day', { from: '2025-13-41' }, 'query.from', 'ISO 8601'],
    ['an unknown resolution', { resolution: '2m' }, 'query.resolution', '1m'],
    ['an unknown aggregate', { aggregate: 'mode' }, 'query.aggregate', 'p95'],
    ['an unknown value', { values: 'average,mode' }, 'query.values', 'average, min, max, count'],
    ['values of an aggregate', { values: 'min', aggregate: 'avg' }, 'query.values', 'leave it out'],
    ['a selector that cannot be read', { metrics: 'a,b{x=1}' }, 'query.metrics', 'character 5'],
    ['a selector that is very long', { metrics: 'a'.repeat(4_001) }, 'query.metrics', '4,000'],
    ['no host between the commas', { hosts: ' , ' }, 'query.hosts', 'name a host'],
    ['more points than any chart has', { maxPoints: 100_000 }, 'query.maxPoints', '5000'],
    ['an unknown form', { format: 'xml' }, 'query.format', 'csv'],
  ])('%s', async (_, query, path, words) => {
    const { get } = await historyApi({ query: () => Promise.reject(new Error('not reached')) }, HOSTS);
    const response = await get({ ...RANGE, ...query });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const { errors } = (await response.json()) as { errors: { path: string; message: string }[] };
    expect(errors).toEqual([{ path, message: expect.stringContaining(words) }]);
  });

  test('hostile text in any field is refused or finds nothing, and never fails inside', async () => {
    const { url, errors } = await historyApi(await filled(), HOSTS);
    const odd = [
      '',
      ' ',
      '\u0000',
      '%',
      '[]',
      '{}',
      '"',
      '1e400',
      '-1',
      'NaN',
      '__proto__',
      '%s%n',
      'ä🙂'.repeat(50),
      '1'.repeat(300),
    ];
    for (const field of ['hosts', 'from', 'to', 'metrics', 'resolution', 'aggregate', 'values', 'maxPoints', 'format'])
      for (const text of odd) {
        const query = { ...RANGE, [field]: text };
        const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
        const twice = text.length % 2 === 0 ? `&${field}=${encodeURIComponent(text)}&${field}[x]=1` : '';
        const response = await fetch(`${url}/api/v1/history?${new URLSearchParams(pairs)}${twice}`, {
          headers: { 'x-site': 'site-1' },
        });
        expect([200, 400, 404], `${field}=${text}: ${await response.text()}`).toContain(response.status);
      }
    expect(errors).toEqual([]);
  });

  test('too many hosts', async () => {
    const many = Array.from({ length: 1_001 }, (_, n) => ({ id: `${n}`, name: `${n}`, siteId: 'site-1' }));
    const { get } = await historyApi(await filled(), many);
    expect(await (await get(RANGE)).text()).toContain('name 1000 at most');
  });

  test('too many series for one answer', async () => {
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const hosts = Array.from({ length: 11 }, (_, n) => ({ id: `host-${n}`, name: `${n}`, siteId: 'site-1' }));
    const named = Array.from({ length: 9_999 }, (_, n) => ({ metric: `m${n}`, attributes: {} }));
    for (const { id } of hosts) history.declare(id, named);
    const { get } = await historyApi(history, hosts);
    const response = await get(RANGE);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('109989 series fit')]);
  });
});

/** A history whose queries take as long as they are let. */
function slowHistory() {
  const running = new Set<AbortSignal | undefined>();
  const ended: string[] = [];
  const query: OpenedHistory['query'] = async ({ signal }) => {
    running.add(signal);
    try {
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
      throw new Error('only a signal ends this');
    } catch (error) {
      ended.push((error as Error).name);
      throw error;
    } finally {
      running.delete(signal);
    }
  };
  return { query, running, ended };
}

describe('a long query', () => {
  test('of a client that disconnects in its midst stops at its next slice', async () => {
    const history = await historyBench(temporaryDirectory()).open();
    const hosts = Array.from({ length: 300 }, (_, n) => ({ id: `host-${n}`, name: `${n}`, siteId: 'site-1' }));
    for (const { id: hostId } of hosts) {
      const agent = sender(history, { hostId, stream: `${hostId}/s` });
      await history.append(Array.from({ length: 50 }, (_, n) => agent.frame(NOON + n * 5_000, [n, n])));
    }
    const queue = new QueryQueue({ atOnce: 1, mostWaiting: 1 });
    const { get } = await historyApi(history, hosts, { queue });
    const pauses = vi.spyOn(Slices.prototype, 'pause');
    await (await get({ ...RANGE, maxPoints: 1_000, to: NOON + 250_000 })).text();
    const ofWhole = pauses.mock.calls.length;
    pauses.mockClear();
    const client = new AbortController();
    // The client leaves in the midst; each slice ends early, as on a machine with more to do.
    pauses.mockImplementation(async function (this: Slices) {
      if (pauses.mock.calls.length === 100) client.abort();
      await nextTurn();
      return original.call(this);
    });
    await expect(get({ ...RANGE, maxPoints: 1_000 }, { signal: client.signal })).rejects.toThrow();
    await until(() => queue.running === 0);
    const done = pauses.mock.calls.length;
    expect(done).toBeGreaterThanOrEqual(100);
    expect(done).toBeLessThan(ofWhole / 2);
    await nextTurn();
    expect(pauses.mock.calls.length).toBe(done);
    pauses.mockRestore();
  });

  test('ends when its client goes away, and nothing is logged as a failure', async () => {
    const slow = slowHistory();
    const { get, errors } = await historyApi(slow, HOSTS);
    const client = new AbortController();
    const asked = get(RANGE, { signal: client.signal });
    await until(() => slow.running.size === 1);
    client.abort();
    await expect(asked).rejects.toThrow();
    await until(() => slow.ended.length === 1);
    expect(slow.ended).toEqual(['AbortError']);
    expect(errors).toEqual([]);
  });

  test('ends at the limit, with a cure', async () => {
    const { get } = await historyApi(slowHistory(), HOSTS, { limitMs: 30 });
    const response = await get(RANGE);
    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'too-long', detail: expect.stringContaining('fewer hosts or metrics') }),
    ]);
  });

  test('makes others wait when it is one too many; who waits and goes away is forgotten', async () => {
    const slow = slowHistory();
    const queue = new QueryQueue({ atOnce: 2, mostWaiting: 1 });
    const { get } = await historyApi(slow, HOSTS, { queue });
    const clients = [0, 1, 2, 3].map(() => new AbortController());
    const ask = (n: number) => get(RANGE, { signal: clients[n]?.signal as AbortSignal }).catch(() => undefined);
    const first = [ask(0), ask(1)];
    await until(() => slow.running.size === 2);
    const waiting = ask(2);
    await until(() => queue.waiting === 1);
    expect((await ask(3))?.status).toBe(429);
    clients[2]?.abort();
    await until(() => queue.waiting === 0);
    clients[0]?.abort();
    await until(() => queue.running === 1);
    clients[1]?.abort();
    await until(() => queue.running === 0);
    await Promise.all([...first, waiting]);
    expect(slow.ended).toHaveLength(2);
  });
});

test('an answer that nobody reads on is given up at the limit, and its place is free again', async () => {
  const steps = 5_000;
  const columns = [new Float64Array(steps).fill(0.123456789)];
  const series = Array.from({ length: 1_000 }, (_, id) => ({
    hostId: ID(1),
    id,
    metric: 'a',
    attributes: {},
    columns,
  }));
  const head = {
    ...RANGE,
    first: NOON,
    stepMs: 5_000,
    steps,
    resolution: 'raw',
    columns: ['average'],
    hosts: [],
  } as const;
  const queue = new QueryQueue({ atOnce: 1, mostWaiting: 1 });
  const { get } = await historyApi({ query: async () => ({ ...head, series, unmatched: [] }) }, HOSTS, {
    ...{ queue, limitMs: 300 },
  });
  const response = await get(RANGE);
  expect(response.status).toBe(200);
  expect(queue.running).toBe(1);
  await until(() => queue.running === 0);
  await expect(response.text()).rejects.toThrow();
});
