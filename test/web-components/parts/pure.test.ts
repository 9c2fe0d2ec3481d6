import { describe, expect, test } from 'vitest';
import { shareLevel } from '../../../web-components/parts/levels.ts';
import { sparkPath } from '../../../web-components/parts/spark-path.ts';
import { type Column, nextOrder, sortedRows } from '../../../web-components/parts/table-rows.ts';

describe('a spark-line', () => {
  const points = (list: readonly (readonly [number, number])[]) => ({
    length: list.length,
    at: (i: number) => list[i]?.[0] ?? 0,
    value: (i: number) => list[i]?.[1] ?? 0,
  });
  const box = { width: 100, height: 20, min: 0, max: 1, gapMs: 12 };

  test('spans its own time and stays in its box', () => {
    const list = [
      [0, 0],
      [10, 0.5],
      [20, 7],
    ] as const;
    expect(sparkPath(points(list), box)).toBe('M0.0 20.0L50.0 10.0L100.0 0.0');
  });

  test('leaves gaps in time and in values open', () => {
    const list = [
      [0, 0],
      [10, 0],
      [40, 0],
      [50, Number.NaN],
      [60, 0],
      [70, 0],
    ] as const;
    expect(sparkPath(points(list), box).match(/M/g)).toHaveLength(3);
  });

  test('of one point is nothing', () => expect(sparkPath(points([[0, 1]]), box)).toBe(''));
});

describe('a table', () => {
  interface Row {
    name: string;
    cpu: number | undefined;
  }
  const rows: Row[] = [
    { name: 'nas10', cpu: 0.5 },
    { name: 'nas2', cpu: undefined },
    { name: 'nas1', cpu: 0.9 },
  ];
  const columns: Column<Row>[] = [
    { id: 'name', title: 'Host', sortBy: ({ name }) => name, cell: ({ name }) => name },
    { id: 'cpu', title: 'CPU', sortBy: ({ cpu }) => cpu, cell: ({ cpu }) => cpu },
    { id: 'actions', title: '', cell: () => '' },
  ];
  const names = (order: string) => sortedRows(rows, columns, order).map(({ name }) => name);

  test('sorts words as people count, numbers by size, and unknown ones last in both directions', () => {
    expect(names('name')).toEqual(['nas1', 'nas2', 'nas10']);
    expect(names('cpu')).toEqual(['nas10', 'nas1', 'nas2']);
    expect(names('-cpu')).toEqual(['nas1', 'nas10', 'nas2']);
  });

  test('stays as it came without an order that it knows', () => {
    for (const order of ['', 'actions', '-nonsense']) expect(names(order)).toEqual(['nas10', 'nas2', 'nas1']);
  });

  test('goes up, down and back with clicks on a head', () => {
    expect([
      nextOrder('', 'cpu'),
      nextOrder('cpu', 'cpu'),
      nextOrder('-cpu', 'cpu'),
      nextOrder('-cpu', 'name'),
    ]).toEqual(['cpu', '-cpu', undefined, 'name']);
  });
});

describe('a share', () => {
  test('reaches a level at its threshold', () => {
    const limits = { warning: 0.8, critical: 0.9 };
    expect([0.79, 0.8, 0.9].map((share) => shareLevel(share, limits))).toEqual(['ok', 'warning', 'critical']);
    expect(shareLevel(1, {})).toBe('ok');
  });
});
