import { z } from 'zod';
import { condition, forgetful } from './condition.ts';

const settings = z
  .strictObject({
    threshold: z.number().meta({ title: 'Threshold', widget: 'level', order: 1 }),
    clear: z.number().exactOptional().meta({
      title: 'Clear level',
      description: 'An alert ends here. Empty: at the threshold.',
      widget: 'level',
      order: 2,
    }),
  })
  .refine(({ threshold, clear = threshold }) => clear >= threshold, {
    path: ['clear'],
    message: 'the clear level lies at or above the threshold',
  });

/** A value under the threshold; clear again at or above the clear level (the threshold, when none is given). */
export const below = condition({
  id: 'below',
  title: 'Below a threshold',
  input: 'values',
  settings,
  open({ threshold, clear = threshold }) {
    return forgetful((value) => (value < threshold ? 'broken' : value >= clear ? 'clear' : 'near'), {
      threshold,
      says: (show) => `below ${show(threshold)}`,
    });
  },
});
