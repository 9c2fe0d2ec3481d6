import { condition, forgetful, levels } from './condition.ts';

const settings = levels.refine(({ threshold, clear = threshold }) => clear >= threshold, {
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
