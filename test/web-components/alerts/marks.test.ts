import { describe, expect, test } from 'vitest';
import type { AlertHead } from '../../../protocol/live.ts';
import { AlertMarks } from '../../../web-components/alerts/marks.ts';
import { type Marker, marksOf } from '../../../web-components/charts/marks.ts';
import { playedAlert } from '../../helpers/played-alerts.ts';

const HOUR = 3_600_000;
const host = { id: '0190a000-0000-7000-8000-000000000101', name: 'nas01' };
const area = { left: 0, top: 0, width: 1_000, height: 100, from: 0, to: 1_000, axis: { min: 0, max: 1, ticks: [] } };
const at = (moment: number, rest: Partial<Marker> = {}): Marker => ({ at: moment, text: `at ${moment}`, ...rest });

describe('marks on a chart', () => {
  test('stand where their moment is, and those out of sight are left out', () => {
    expect(marksOf(area as never, [at(-1), at(500), at(100), at(1_001)]).map(({ x }) => x)).toEqual([100, 500]);
  });

  test('that would cover each other are one, with the worst shape and words, and lead to the list', () => {
    const near = [
      at(100, { level: 'low', href: '/alerts/a', listHref: '/list' }),
      at(105, { level: 'critical', href: '/alerts/b', listHref: '/list' }),
      at(113, { level: 'high', href: '/alerts/c', listHref: '/list' }),
      at(200, { level: 'low', href: '/alerts/d', listHref: '/list' }),
    ];
    const [first, second] = marksOf(area as never, near);
    expect(first).toMatchObject({ x: 100, level: 'critical', text: 'at 105', count: 3, href: '/list' });
    expect(second).toMatchObject({ count: 1, href: '/alerts/d' });
  });

  test('thousands of them stay few, and quick to find', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => at(i / 5));
    const startedAt = performance.now();
    for (let n = 0; n < 20; n++) expect(marksOf(area as never, many).length).toBeLessThanOrEqual(75);
    expect((performance.now() - startedAt) / 20).toBeLessThan(25);
  });
});

describe('the alerts of a host as marks', () => {
  const now = 100 * HOUR;
  function marks(answer: (query: { from: number; to?: number }) => AlertHead[]) {
    const asked: { from: number; to?: number }[] = [];
    let tell = (_told: { alert: AlertHead }): void => undefined;
    const made = new AlertMarks({
      read: async (query) => {
        asked.push(query);
        return answer(query);
      },
      onTold: (listener) => {
        tell = listener;
        return () => undefined;
      },
      now: () => now,
    });
    return { made, asked, tell: (alert: AlertHead) => tell({ alert }) };
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const alert = playedAlert(1, host, { firedAt: now - 600_000 });
  const live = { from: now - HOUR, to: now };

  test('are asked for once, however many charts draw however often, and go on with time', async () => {
    const { made, asked } = marks(() => [alert]);
    for (let n = 0; n < 10; n++) made.of(host.id, live);
    await settle();
    const found = made.of(host.id, { from: live.from + 60_000, to: now + 60_000 });
    expect(found).toMatchObject([{ at: alert.firedAt, level: 'critical', href: `/alerts/${alert.id}` }]);
    expect(made.of(host.id, live)).toBe(found);
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toHaveProperty('to');
  });

  test('two charts with other ranges do not ask in turns', async () => {
    const { made, asked } = marks(() => [alert]);
    for (let n = 0; n < 5; n++) {
      made.of(host.id, { from: now - 30 * HOUR, to: now - 20 * HOUR });
      made.of(host.id, live);
      await settle();
    }
    expect(asked).toHaveLength(2);
    expect(made.of(host.id, live)).toHaveLength(1);
  });

  test('one that fires is a mark at once, and listeners hear of it', async () => {
    const { made, tell } = marks(() => []);
    made.of(host.id, live);
    await settle();
    let heard = 0;
    made.subscribe(() => {
      heard += 1;
    });
    tell(alert);
    tell(playedAlert(2, { id: 'another', name: 'x' }));
    expect(made.of(host.id, live)).toHaveLength(1);
    expect(heard).toBe(1);
  });

  test('a question that fails leaves charts without marks, and nothing else', async () => {
    const { made } = marks(() => {
      throw new Error('away');
    });
    made.of(host.id, live);
    await settle();
    expect(made.of(host.id, live)).toEqual([]);
  });
});
