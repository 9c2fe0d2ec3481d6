import { describe, expect, test } from 'vitest';
import { chartMetric, chartRange } from '../../../web-components/alerts/chart-stretch.ts';
import { overAlert, playedAlert } from '../../helpers/played-alerts.ts';

const host = { id: '0190a000-0000-7000-8000-000000000101', name: 'nas01' };
const MINUTE = 60_000;
const now = 1_000 * 3_600_000;

describe('the chart of an alert', () => {
  test.each([
    [10 * MINUTE, '1h'],
    [3 * 60 * MINUTE, '24h'],
    [48 * 60 * MINUTE, '7d'],
  ])('of an active one goes on live, with its begin in sight: %s ms → %s', (ageMs, range) =>
    expect(chartRange({ sinceAt: now - ageMs }, now)).toBe(range),
  );

  test('of one that is over shows it with a quarter of an hour around it at least', () => {
    const sinceAt = now - 100 * MINUTE;
    const [from, to] = chartRange({ sinceAt, resolvedAt: sinceAt + MINUTE }, now)
      .split('-')
      .map(Number);
    expect([from, to]).toEqual([sinceAt - 15 * MINUTE, sinceAt + 16 * MINUTE]);
  });

  test('never reaches beyond now, and one that is open for weeks is shown as a whole', () => {
    const sinceAt = now - 20 * 24 * 60 * MINUTE;
    const [from = 0, to] = chartRange({ sinceAt }, now).split('-').map(Number);
    expect(from).toBeLessThan(sinceAt);
    expect(to).toBe(now);
  });

  test('is of its own metric; of a silent host of its processor; of a fact there is none', () => {
    const { series: _, ...bare } = playedAlert(1, host);
    expect(chartMetric(overAlert(1, host))).toBe('system.filesystem.utilization');
    expect(chartMetric({ ...bare, condition: { id: 'absent', settings: {} } })).toBe('system.cpu.utilization');
    expect(chartMetric({ ...bare, condition: { id: 'fact', settings: {} } })).toBeUndefined();
  });
});
