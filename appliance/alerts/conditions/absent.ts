import { z } from 'zod';
import { inWords } from '../words.ts';
import { condition, forgetful } from './condition.ts';

const settings = z.strictObject({
  afterMs: z
    .number()
    .int()
    .min(2_000, 'wait for 2 s at least')
    .max(30 * 86_400_000, '30 days is the most')
    .default(180_000)
    .meta({ title: 'After', widget: 'span', description: 'Never sooner than 2 intervals of the host.', order: 1 }),
});

/** A host that has reported before and has said nothing for so long. */
export const absent = condition({
  id: 'absent',
  title: 'Nothing is heard',
  input: 'silence',
  settings,
  open({ afterMs }) {
    return forgetful((silentMs) => (silentMs >= afterMs ? 'broken' : 'clear'), {
      says: () => `silent for ${inWords(afterMs)}`,
    });
  },
});
