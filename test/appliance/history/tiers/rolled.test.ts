import { expect, test } from 'vitest';
import { decodeMeans, decodeRolled, emptyRolled, encodeRolled } from '../../../../appliance/history/tiers/rolled.ts';

const ROWS = 40;

test.each([
  ['all values of a step equal', (n: number) => [n, n, n]],
  ['least and most near the mean', (n: number) => [n + 0.25, n - 1.5, n + 2]],
  ['values that are no short decimals', (n: number) => [Math.sqrt(n), Math.sqrt(n) / 3, Math.sqrt(n) * 3]],
])('means alone are the same as with least and most: %s', (_, of) => {
  const rolled = emptyRolled(ROWS);
  for (let row = 0; row < ROWS; row++) {
    rolled.count[row] = row % 7 === 3 ? 0 : row + 1;
    [rolled.main[row], rolled.min[row], rolled.max[row]] = of(row) as [number, number, number];
    if (rolled.count[row] === 0) rolled.main[row] = Number.NaN;
  }
  const bytes = encodeRolled(rolled, ROWS);
  const [all, means] = [emptyRolled(ROWS), emptyRolled(ROWS)];
  decodeRolled(bytes, ROWS, all);
  decodeMeans(bytes, ROWS, means);
  expect([...means.main]).toEqual([...all.main]);
  expect([...means.count]).toEqual([...all.count]);
});
