import { z } from 'zod';
import { severity } from '../../../protocol/alerts.ts';
import { condition, forgetful } from './condition.ts';

const settings = z.strictObject({
  kinds: z
    .array(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a kind is a word in lower case'))
    .max(32)
    .default([])
    .meta({ title: 'Kinds', description: 'None: every kind that no other rule is about.', order: 1 }),
  least: severity.default('low').meta({ title: 'From this severity on', order: 2 }),
  severity: z
    .enum(['its-own', 'the-rules'])
    .default('its-own')
    .meta({
      title: 'Severity of the alert',
      choices: [
        { value: 'its-own', title: 'That of what was found' },
        { value: 'the-rules', title: 'That of this rule' },
      ],
      order: 3,
    }),
});
export type FactSettings = z.output<typeof settings>;

/** Something that another part of Reeve found wrong: a job that failed, a damaged store, drift. */
export const fact = condition({
  id: 'fact',
  title: 'Something is found wrong',
  input: 'facts',
  settings,
  open({ kinds }) {
    const what = kinds.length > 0 ? kinds.join(', ') : 'anything that no other rule is about';
    return forgetful((wrong) => (wrong > 0 ? 'broken' : 'clear'), { says: () => `found wrong: ${what}` });
  },
});
