import type { QuietWindow } from '../../protocol/notifications.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { SEVERITIES, severityWord } from '../severity.ts';
import { CATEGORY_IDS, categoryWord, dayChoices } from './words.ts';

/** What a new window begins with: every night. */
export const NEW_WINDOW: QuietWindow = {
  days: [1, 2, 3, 4, 5, 6, 7],
  from: '22:00',
  to: '07:00',
  categories: [],
  upTo: 'high',
};

/** The form of a window of quiet hours. */
export function quietSchema(schema: JsonSchema): JsonSchema {
  const own = schema.properties ?? {};
  return {
    properties: {
      days: { type: 'array', widget: 'picks', title: msg('Begins on'), choices: dayChoices(), order: 0 },
      from: { ...own.from, title: msg('From'), order: 1 },
      to: {
        ...own.to,
        title: msg('Until'),
        description: msg('Earlier than the beginning: on the next day.'),
        order: 2,
      },
      categories: {
        type: 'array',
        widget: 'picks',
        title: msg('Messages about'),
        choices: CATEGORY_IDS.map((value) => ({ value, title: categoryWord(value) })),
        empty: msg('none picked: everything'),
        order: 3,
      },
      upTo: {
        ...own.upTo,
        title: msg('Held back up to severity'),
        description: msg('What is worse is told at any time.'),
        choices: SEVERITIES.map((value) => ({ value, title: severityWord(value) })),
        order: 4,
      },
    },
    required: ['days', 'from', 'to', 'upTo'],
  };
}

/** Problems of the settings at the fields of the one window that was sent. */
export const atWindow = ({ path, message }: FieldProblem): FieldProblem => ({
  path: path.replace(/^body\.value\.quiet\.\d+\.?/, ''),
  message,
});
