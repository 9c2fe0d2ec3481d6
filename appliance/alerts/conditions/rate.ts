import { z } from 'zod';
import { inWords } from '../words.ts';
import { condition, type Watch } from './condition.ts';

const settings = z
  .strictObject({
    by: z
      .number()
      .positive('give how much it may change')
      .meta({ title: 'Changes by more than', widget: 'level', order: 1 }),
    withinMs: z
      .number()
      .int()
      .min(10_000, '10 s is the least')
      .max(86_400_000, '1 day is the most')
      .meta({ title: 'Within', widget: 'span', order: 2 }),
    direction: z
      .enum(['up', 'down', 'either'])
      .default('up')
      .meta({
        title: 'Direction',
        choices: [
          { value: 'up', title: 'Up' },
          { value: 'down', title: 'Down' },
          { value: 'either', title: 'Either' },
        ],
        order: 3,
      }),
    clearBy: z
      .number()
      .min(0)
      .exactOptional()
      .meta({ title: 'Clear when it changes by less than', widget: 'level', order: 4 }),
  })
  .refine(({ by, clearBy = by }) => clearBy <= by, {
    path: ['clearBy'],
    message: 'this is at most what it may change by',
  });

/** Values that are kept of a span: the oldest is at most so much finer or coarser than the span itself. */
const PARTS = 60;

/** A value that has changed by much within a span, as a disk that fills by 10 % in an hour. */
export const rate = condition({
  id: 'rate',
  title: 'Rate of change',
  input: 'values',
  settings,
  open({ by, withinMs, direction, clearBy = by }) {
    const words = { up: 'rises by more than', down: 'falls by more than', either: 'changes by more than' }[direction];
    return {
      memoryMs: withinMs,
      watch: () => watchRate({ by, clearBy, withinMs, direction }),
      says: (show) => `${words} ${show(by)} within ${inWords(withinMs)}`,
    };
  },
});

interface Span {
  by: number;
  clearBy: number;
  withinMs: number;
  direction: 'up' | 'down' | 'either';
}

/** Compares with the oldest of up to 61 kept values that is not older than the span. */
function watchRate({ by, clearBy, withinMs, direction }: Span): Watch {
  const times = new Float64Array(PARTS + 1);
  const values = new Float64Array(PARTS + 1);
  let first = 0;
  let count = 0;
  const keep = (value: number, at: number): void => {
    const place = (first + count) % times.length;
    times[place] = at;
    values[place] = value;
    count += 1;
  };
  const newest = (): number => times[(first + count - 1) % times.length] ?? 0;
  return {
    of(value, at) {
      while (count > 0 && (times[first] ?? 0) < at - withinMs) {
        first = (first + 1) % times.length;
        count -= 1;
      }
      const change = count > 0 ? value - (values[first] ?? value) : 0;
      if (count === 0 || (at - newest() >= withinMs / PARTS && count < times.length)) keep(value, at);
      const size = direction === 'up' ? change : direction === 'down' ? -change : Math.abs(change);
      return size > by ? 'broken' : size <= clearBy ? 'clear' : 'near';
    },
  };
}
