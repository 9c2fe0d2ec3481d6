import { expect, test } from 'vitest';
import { capacitiesOf, pointsOf, urgencyOf } from '../../../web-components/alerts/capacity.ts';

const now = 1_800_000_000_000;
const day = 86_400_000;
const forecast = (mount: string, more: object) => ({
  metric: 'system.filesystem.utilization',
  attributes: { 'system.filesystem.mountpoint': mount },
  limit: 1,
  outlook: 'none' as const,
  reason: 'it does not rise',
  trend: [[now - day, 0.2] as [number, number]],
  ...more,
});

test('what is full comes first, then what is full soonest, then the fullest', () => {
  const rows = capacitiesOf(
    [
      {
        hostId: 'h',
        hostName: 'nas01',
        forecasts: [
          forecast('/calm', {}),
          forecast('/later', { outlook: 'reaches', at: now + 20 * day }),
          forecast('/fuller', { trend: [[now, 0.7]] }),
          forecast('/full', { outlook: 'reached', level: 1 }),
          forecast('/soon', { outlook: 'reaches', at: now + 2 * day }),
        ],
      },
    ],
    () => undefined,
  );
  const order = rows.toSorted((a, b) => urgencyOf(a) - urgencyOf(b)).map(({ what }) => what.split(' ').at(-1));
  expect(order).toEqual(['/full', '/soon', '/later', '/fuller', '/calm']);
});

test('a row is called by the title of its metric and what tells it from others', () => {
  const hosts = [{ hostId: 'h', hostName: 'nas01', forecasts: [forecast('/srv', {})] }];
  const describe = () => ({ title: 'Disk used' }) as never;
  expect(capacitiesOf(hosts, describe)[0]).toMatchObject({ hostName: 'nas01', what: 'Disk used /srv' });
});

test('a trend is drawn as it came', () => {
  const points = pointsOf({
    trend: [
      [1, 0.5],
      [2, 0.6],
    ],
  });
  expect([points.length, points.at(1), points.value(1)]).toEqual([2, 2, 0.6]);
  expect(points.value(2)).toBeNaN();
});
