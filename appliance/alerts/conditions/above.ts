import { condition, forgetful, levels } from './condition.ts';

const settings = levels.refine(({ threshold, clear = threshold }) => clear <= threshold, {
  path: ['clear'],
  message: 'the clear level lies at or below the threshold',
});

/** A value over the threshold; clear again at or below the clear level (the threshold, when none is given). */
export const above = condition({
  id: 'above',
  title: 'Above a threshold',
  input: 'values',
  settings,
  open({ threshold, clear = threshold }) {
    return forgetful((value) => (value > threshold ? 'broken' : value <= clear ? 'clear' : 'near'), {
      threshold,
      says: (show) => `above ${show(threshold)}`,
    });
  },
});
