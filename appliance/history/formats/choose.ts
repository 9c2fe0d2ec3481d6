import { HISTORY_MEDIA_TYPE } from '../../../protocol/routes/history.ts';

export type Format = 'json' | 'csv' | 'binary';

const FORMATS: readonly (readonly [type: string, format: Format])[] = [
  ['application/json', 'json'],
  ['text/csv', 'csv'],
  [HISTORY_MEDIA_TYPE, 'binary'],
];

/** The form that an `Accept` header likes best of those that there are; JSON when it names none of them. */
export function formatOf(accept = ''): Format {
  const liked = accept.split(',').flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const known = FORMATS.find(([each]) => each === type);
    const weight = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1);
    return known && weight > 0 ? [{ format: known[1], weight }] : [];
  });
  return liked.sort((a, b) => b.weight - a.weight)[0]?.format ?? 'json';
}
