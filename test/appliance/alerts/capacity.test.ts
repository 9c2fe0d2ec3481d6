import { expect, onTestFinished, test } from 'vitest';
import type { Rule } from '../../../protocol/alerts.ts';
import { pairedFleet } from '../../helpers/alert-fleet.ts';

test('capacity tells of every host what a forecast rule looks at: level, growth, when it is full, and how it went', async () => {
  const fleet = await pairedFleet();
  onTestFinished(() => fleet.stop());
  const asRule = {
    title: 'Bench fills',
    severity: 'high',
    metric: 'bench.level',
    condition: { id: 'forecast', settings: { limit: 5_000 } },
  };
  const { body: made } = await fleet.call('POST', '/api/v1/alert-rules', asRule);
  await fleet.backfill((minute) => 100 + minute, 900);
  const { status, body } = await fleet.call('GET', '/api/v1/capacity?days=1&limit=1000');
  expect(status).toBe(200);
  expect(body.items).toMatchObject([
    {
      hostId: fleet.hostId,
      hostName: 'bench',
      forecasts: [{ metric: 'bench.level', limit: 5_000, outlook: 'reaches' }],
    },
  ]);
  const [
    {
      forecasts: [found],
    },
  ] = body.items as [{ forecasts: [{ perDay: number; at: number; trend: number[][] }] }];
  expect(found.perDay).toBeGreaterThan(1_300);
  expect(found.perDay).toBeLessThan(1_600);
  expect((found.at - Date.now()) / 86_400_000).toBeGreaterThan(2);
  expect((found.at - Date.now()) / 86_400_000).toBeLessThan(4);
  expect(found.trend.length).toBeGreaterThan(10);
  expect(found.trend.length).toBeLessThanOrEqual(60);
  await fleet.call('DELETE', `/api/v1/alert-rules/${(made as unknown as Rule).id}`);
  expect((await fleet.call('GET', '/api/v1/capacity')).body.items).toMatchObject([{ forecasts: [] }]);
});
