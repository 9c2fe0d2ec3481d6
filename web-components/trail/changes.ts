/** One field that was changed; `undefined` where it was not there. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** The fields in which two values differ, by their path; a value that is no object stands as a whole under the name given. */
export function changesOf(before: unknown, after: unknown, name = ''): FieldChange[] {
  if (isFields(before) && isFields(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((each) => changesOf(before[each], after[each], name === '' ? each : `${name}.${each}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field: name, before, after }];
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a person reads it: words without quotes, lists with commas, the rest as JSON. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string' || typeof each === 'number'))
    return value.length === 0 ? '–' : value.join(', ');
  return JSON.stringify(value);
}
