import { z } from 'zod';
import { condition, forgetful } from './condition.ts';

const settings = z.strictObject({
  value: z.number().meta({ title: 'Value', widget: 'level', order: 1 }),
});

/** A state that has just this value, as a link that is down (0). */
export const equals = condition({
  id: 'equals',
  title: 'State equals',
  input: 'values',
  settings,
  open({ value: wanted }) {
    return forgetful((value) => (value === wanted ? 'broken' : 'clear'), { says: (show) => `is ${show(wanted)}` });
  },
});
