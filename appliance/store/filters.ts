import type { Filter } from './documents.ts';

export type Scalar = string | number | boolean | null;

/** One thing that must hold of a field: it equals the value, is one of the list, or lies in a range on the side of the value. */
export type Held =
  | { field: string; is: 'equal' | 'gte' | 'lt'; value: Scalar }
  | { field: string; is: 'in'; values: readonly Scalar[] };

/** A filter that is not one of the portable ones. An undefined value counts: a store could take it for "field is missing". */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly code = 'invalid-filter';
}

/**
 * What must hold, all of it, by a portable filter. Nothing of the filter is passed on as it is: fields must be plain words and values
 * scalars, so that `{"$ne": null}` or `{"$where": …}` from a request can never become an operator. Fails with `FilterError`.
 */
export function conditionsOf<T>(filter: Filter<T>): Held[] {
  return Object.entries(filter).flatMap(([field, condition]) => heldOf(checkedField(field), condition));
}

/** The name of a top-level field. Fails with `FilterError` when it cannot be one. */
export function checkedField(field: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(field)) throw new FilterError(`"${field}" is not a field`);
  return field;
}

function heldOf(field: string, condition: unknown): Held[] {
  if (isScalar(condition)) return [{ field, is: 'equal', value: condition }];
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) throw refuse(field);
  const entries = Object.entries(condition).filter(([, value]) => value !== undefined);
  if (entries.length === 0) throw refuse(field);
  return entries.map(([name, value]) => operatorOf(field, name, value));
}

function operatorOf(field: string, name: string, value: unknown): Held {
  if (name === 'in') {
    if (!Array.isArray(value) || !value.every(isScalar)) throw refuse(field);
    return { field, is: 'in', values: value };
  }
  if ((name !== 'gte' && name !== 'lt') || !isScalar(value)) throw refuse(field);
  return { field, is: name, value };
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const refuse = (field: string): FilterError =>
  new FilterError(`the filter of "${field}" must be a value, or one of in, gte, lt with values`);
