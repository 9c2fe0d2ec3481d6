import { z } from 'zod';
import { inWords } from '../words.ts';
import { condition, type Watch } from './condition.ts';

const settings = z.strictObject({
  keepMs: z
    .number()
    .int()
    .min(1_000, 'keep it for 1 s at least')
    .max(7 * 86_400_000, '7 days is the most')
    .default(600_000)
    .meta({
      title: 'Kept for',
      widget: 'span',
      description: 'The alert ends by itself so long after the last change.',
      order: 1,
    }),
});

/** A value that is another one than before, as a link speed; it stays broken for a while, because a change has no end of its own. */
export const changed = condition({
  id: 'changed',
  title: 'Value changes',
  input: 'values',
  settings,
  open({ keepMs }) {
    return {
      memoryMs: keepMs,
      watch: () => watchChanges(keepMs),
      says: () => `changed in the last ${inWords(keepMs)}`,
    };
  },
});

function watchChanges(keepMs: number): Watch {
  let before: number | undefined;
  let changedAt = Number.NEGATIVE_INFINITY;
  return {
    of(value, at) {
      if (before !== undefined && value !== before) changedAt = at;
      before = value;
      return at - changedAt < keepMs ? 'broken' : 'clear';
    },
  };
}
