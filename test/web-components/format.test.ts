import { describe, expect, test } from 'vitest';
import { formatOf, formatValue, NBSP, quantityOptions } from '../../web-components/format.ts';

const text = (value: number | null | undefined, unit: string, options = {}) =>
  formatValue(value, unit, options).replaceAll(NBSP, ' ');

describe('a value in its unit', () => {
  test.each([
    [0, '1', '0 %'],
    [0.0004, '1', '0 %'],
    [0.004, '1', '0.4 %'],
    [0.0994, '1', '9.9 %'],
    [0.0996, '1', '10 %'],
    [0.1234, '1', '12 %'],
    [1, '1', '100 %'],
    [1.64e12, 'By', '1.64 TB'],
    [2e12, 'By', '2 TB'],
    [999.4, 'By', '999 B'],
    [999.6, 'By', '1 kB'],
    [999_600, 'By', '1 MB'],
    [12_345_678, 'By/s', '12.3 MB/s'],
    [48.4, 'Cel', '48 °C'],
    [-3.6, 'Cel', '-4 °C'],
    [312, 'W', '312 W'],
    [0.0023, 's', '2.3 ms'],
    [0.0000023, 's', '2.3 µs'],
    [90, 's', '1.5 min'],
    [3_628_800, 's', '42 d'],
    [250, 'ms', '250 ms'],
    [312, '{process}', '312'],
    [12.34, '{operation}/s', '12.3 /s'],
    [3.6e9, 'Hz', '3.6 GHz'],
    [7, 'parsec', '7 parsec'],
    [-0.0001, '1', '0 %'],
  ])('%d in %s is %s', (value, unit, expected) => expect(text(value, unit)).toBe(expected));

  test('has a dash where there is none', () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) expect(text(value, '1')).toBe('–');
  });

  test('of a network is in bits, of memory in powers of 1,024', () => {
    expect(text(101_500_000, 'By/s', quantityOptions('system.network.io.rate'))).toBe('812 Mb/s');
    expect(text(16 * 2 ** 30, 'By', quantityOptions('system.memory.usage'))).toBe('16 GiB');
    expect(text(1e9, 'By', quantityOptions('system.filesystem.usage'))).toBe('1 GB');
    expect(text(1e6, 'By/s', quantityOptions('system.disk.io.rate'))).toBe('1 MB/s');
  });

  test('of a total names both', () => {
    expect(formatOf(1.64e12, 2e12).replaceAll(NBSP, ' ')).toBe('1.64 TB of 2 TB');
  });

  test('never parts from its unit at the end of a line', () => expect(formatValue(0.5, '1')).toBe(`50${NBSP}%`));
});
