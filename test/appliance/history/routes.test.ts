import { describe, expect, test, vi } from 'vitest';
import type { HistoryQuery } from '../../../appliance/history/history.ts';
import { serveHistory, splitNames } from '../../../appliance/history/routes.ts';
import { type Handler, Routes } from '../../../appliance/serve.ts';
import type { readHistory } from '../../../protocol/routes/history.ts';
import { HOST, NOON } from '../../helpers/history.ts';

test.each([
  ['a,b', ['a', 'b']],
  ['', []],
  [',,a,', ['a']],
  ['a{k="1",l="2"},b', ['a{k="1",l="2"}', 'b']],
  ['a{k="x,}\\"{"},b', ['a{k="x,}\\"{"}', 'b']],
  ['a{unclosed,b', ['a', 'unclosed', 'b']],
])('%j is %j', (text, names) => {
  expect(splitNames(text)).toEqual(names);
});

test('text made to be slow is split at once', () => {
  const begun = performance.now();
  for (const part of ['{', '{"', '{"\\', '{a"b"', ',{']) splitNames(part.repeat(2_000).slice(0, 4_000));
  expect(performance.now() - begun).toBeLessThan(1_000);
});

describe('the route', () => {
  function handler() {
    const routes = new Routes();
    const served = vi.spyOn(routes, 'serve');
    const asked: HistoryQuery[] = [];
    const query = async (one: HistoryQuery) => {
      asked.push(one);
      return {} as never;
    };
    serveHistory(routes, { history: { query }, visible: (_session, hostId) => ({ id: hostId }) });
    const handle = served.mock.calls[0]?.[1] as unknown as Handler<typeof readHistory>;
    const ask = async (more: { from?: number; to?: number; metrics?: string }) =>
      handle({ params: { hostId: HOST }, query: { from: NOON, to: NOON + 1, maxPoints: 600, ...more } } as never);
    return { ask, asked };
  }

  test('asks for all series when none is named', async () => {
    const { ask, asked } = handler();
    await ask({});
    await ask({ metrics: 'a,b{k="1"}' });
    expect(asked.map(({ metrics }) => metrics)).toEqual([undefined, ['a', 'b{k="1"}']]);
  });

  test.each([
    ['a range that ends before it begins', { from: NOON, to: NOON }, 'query.to'],
    ['a range of more than ten years', { from: 0, to: NOON }, 'query.from'],
  ])('refuses %s and names the field', async (_, query, path) => {
    await expect(handler().ask(query)).rejects.toMatchObject({ errors: [expect.objectContaining({ path })] });
  });
});
