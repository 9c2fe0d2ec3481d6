import { z } from 'zod';
import { condition, forgetful } from './condition.ts';

const settings = z
  .strictObject({
    from: z.number().meta({ title: 'Lowest good value', widget: 'level', order: 1 }),
    to: z.number().meta({ title: 'Highest good value', widget: 'level', order: 2 }),
    margin: z.number().min(0).default(0).meta({
      title: 'Margin',
      widget: 'level',
      description: 'How far inside a value has to be again until it counts as clear.',
      order: 3,
    }),
  })
  .refine(({ from, to, margin }) => from + margin <= to - margin, {
    path: ['margin'],
    message: 'nothing is left between the two with this margin',
  });

/** A value that leaves a range; clear again when it is inside by the margin. */
export const outside = condition({
  id: 'outside',
  title: 'Outside a range',
  input: 'values',
  settings,
  open({ from, to, margin }) {
    const of = (value: number) => {
      if (value < from || value > to) return 'broken';
      return value >= from + margin && value <= to - margin ? 'clear' : 'near';
    };
    return forgetful(of, { says: (show) => `outside ${show(from)} to ${show(to)}` });
  },
});
