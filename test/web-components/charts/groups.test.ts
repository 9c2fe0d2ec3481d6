import { describe, expect, test } from 'vitest';
import { collectors } from '../../../agent/collectors/index.ts';
import type { Descriptor } from '../../../protocol/metrics.ts';
import { descriptor } from '../../../protocol/metrics.ts';
import { chartFamilies, chartGroups, seriesLabel, shortTitles } from '../../../web-components/charts/groups.ts';
import { chartCsv, chartRows, chartSummary, stretchAt } from '../../../web-components/charts/summary.ts';

const known = new Map<string, Descriptor>(
  collectors.flatMap(({ descriptors }) => descriptors.map((each) => [each.id, descriptor.parse(each)] as const)),
);
let nextId = 0;
const series = (metric: string, attributes: Record<string, string> = {}) => ({ id: nextId++, metric, attributes });
const eth = (name: string, direction: string) =>
  series('system.network.io.rate', { 'network.interface.name': name, 'network.io.direction': direction });

describe('charts', () => {
  test('follow the descriptors: group, unit and order', () => {
    const groups = chartGroups(
      [
        series('system.memory.utilization'),
        series('system.cpu.load_average.5m'),
        series('system.cpu.load_average.1m'),
        series('system.cpu.utilization'),
        series('system.paging.utilization'),
      ],
      known,
    );
    expect(groups.map(({ title }) => title)).toEqual(['Processor use', 'Load', 'Memory']);
    expect(groups[1]?.series.map(({ metric }) => metric)).toEqual([
      'system.cpu.load_average.1m',
      'system.cpu.load_average.5m',
    ]);
  });

  test('of a collector that nobody knew show up by themselves, last', () => {
    const own: Descriptor = {
      id: 'my.depth',
      title: 'Depth',
      unit: 'm',
      kind: 'gauge',
      rollup: 'average',
      attributes: [],
    };
    const names = new Map([...known, [own.id, own]]);
    const groups = chartGroups(
      [series('my.depth', { side: 'left' }), series('hw.temperature', { 'hw.name': 'cpu' })],
      names,
    );
    expect(groups.map(({ title }) => title)).toEqual(['Temperature', 'Depth']);
  });

  test('wait for the descriptor of a series', () => {
    expect(chartGroups([series('not.described')], known)).toEqual([]);
  });

  test('of one subject are one family', () => {
    const groups = chartGroups(
      [
        series('system.cpu.utilization'),
        series('system.cpu.core.utilization', { 'cpu.logical_number': '0' }),
        eth('eth0', 'receive'),
      ],
      known,
    );
    expect(chartFamilies(groups).map(({ id, groups: views }) => [id, views.length])).toEqual([
      ['cpu', 2],
      ['network', 1],
    ]);
  });
});

describe('the name of a line', () => {
  const labels = (all: ReturnType<typeof series>[]) => {
    const [group] = chartGroups(all, known);
    return group?.series.map((each) => seriesLabel(each, group));
  };

  test('is what tells it from the others', () => {
    expect(labels([eth('eth0', 'receive'), eth('eth0', 'transmit'), eth('eth1', 'receive')])).toEqual([
      'eth0 in',
      'eth0 out',
      'eth1 in',
    ]);
    expect(labels([eth('eth0', 'receive'), eth('eth0', 'transmit')])).toEqual(['in', 'out']);
  });

  test('is its own attribute where it is alone, or its title where it has none', () => {
    expect(labels([series('hw.temperature', { 'hw.name': 'CPU package' })])).toEqual(['CPU package']);
    expect(labels([series('system.cpu.utilization')])).toEqual(['Processor use']);
  });

  test('leaves out the words that all share', () => {
    expect(shortTitles(['Load, 1 min', 'Load, 5 min'])).toEqual(['1 min', '5 min']);
    expect(shortTitles(['Memory use', 'Swap use'])).toEqual(['Memory', 'Swap']);
    expect(shortTitles(['Received', 'Sent'])).toEqual(['Received', 'Sent']);
    expect(shortTitles(['Same', 'Same'])).toEqual(['Same', 'Same']);
  });
});

describe('a chart in words and rows', () => {
  const at = [0, 60_000, 120_000].map((ms) => new Date(2026, 10, 21, 12).getTime() + ms);
  const line = { id: '1', label: 'eth0 in', at, average: [1_000, null, 3_000] };
  const quantity = { unit: 'By/s', options: { bits: true } };

  test('says what, when, now and between what', () => {
    const text = chartSummary('Network', [line], { from: at[0] ?? 0, to: at[2] ?? 0, quantity });
    expect(text.replaceAll('\u00a0', ' ')).toBe(
      'Network, 12:00:00 to 12:02:00. eth0 in: 24 kb/s now, between 8 kb/s and 24 kb/s.',
    );
    expect(chartSummary('Network', [], { from: 0, to: 1, quantity })).toMatch(/No values/);
  });

  test('has rows with values only, newest first, and not too many', () => {
    expect(chartRows([line], 10).map(({ values }) => values)).toEqual([[3_000], [1_000]]);
    const long = {
      ...line,
      at: Array.from({ length: 500 }, (_, i) => i),
      average: Array.from({ length: 500 }, () => 1),
    };
    expect(chartRows([long], 60).length).toBeLessThanOrEqual(60);
  });

  test('is CSV that a spreadsheet reads, awkward names included', () => {
    const band = { id: '2', label: 'a "b", c', at: [at[0] ?? 0], average: [1], min: [0], max: [2] };
    const rows = chartCsv([line, band], 'By/s').split('\r\n');
    expect(rows[0]).toBe('time,eth0 in (By/s),"a ""b"", c (By/s)","a ""b"", c (By/s) min","a ""b"", c (By/s) max"');
    expect(rows[1]).toBe(`${new Date(at[0] ?? 0).toISOString()},1000,1,0,2`);
    expect(rows[2]).toBe(`${new Date(at[1] ?? 0).toISOString()},,,,`);
    expect(rows).toHaveLength(5);
  });

  test('knows the gap under the cursor', () => {
    const gap = { from: 10, to: 20, reason: 'lost on the agent' };
    expect([stretchAt([gap], 15), stretchAt([gap], 25)]).toEqual([gap, undefined]);
  });
});
