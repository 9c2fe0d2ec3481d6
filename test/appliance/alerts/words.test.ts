import { expect, test } from 'vitest';
import { inWords, showValue } from '../../../appliance/alerts/words.ts';

test('spans are told in their two largest units', () => {
  const told = [0, 999, 1_000, 280_000, 300_000, 3_600_000, 5_400_000, 86_400_000, 183_600_000, 200 * 86_400_000].map(
    inWords,
  );
  expect(told).toEqual(['0 s', '0 s', '1 s', '4 min 40 s', '5 min', '1 h', '1 h 30 min', '1 d', '2 d 3 h', '200 d']);
});

test('values are told in the unit of their metric', () => {
  const told = [
    showValue(0.934, '1'),
    showValue(1_234_567_890, 'By'),
    showValue(12_500, 'By/s'),
    showValue(-3_000, 'By'),
    showValue(81.26, 'Cel'),
    showValue(312, '{process}'),
    showValue(2, ''),
    showValue(Number.POSITIVE_INFINITY, '1'),
  ];
  expect(told).toEqual(['93.4 %', '1.23 GB', '12.5 kB/s', '−3 kB', '81.3 °C', '312 process', '2', 'never']);
});
