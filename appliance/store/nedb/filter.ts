import type { Filter } from '../documents.ts';

type Scalar = string | number | boolean | null;
const OPERATORS = { in: '$in', gte: '$gte', lt: '$lt' } as const;

/** A filter that is not one of the portable ones. An undefined value counts: NeDB would take it for "field is missing". */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly code = 'invalid-filter';
}

/**
 * The NeDB query of a portable filter. Nothing of the filter is passed on as it is: fields must be plain words and values
 * scalars, so that `{"$ne": null}` or `{"$where": …}` from a request can never become an operator.
 */
export function toQuery<T>(filter: Filter<T>): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [field, condition] of Object.entries(filter)) query[toField(field)] = toCondition(field, condition);
  return query;
}

/** The stored name of a top-level field. */
export function toField(field: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(field)) throw new FilterError(`"${field}" is not a field`);
  return field === 'id' ? '_id' : field;
}

function toCondition(field: string, condition: unknown): unknown {
  if (isScalar(condition)) return condition;
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) throw refuse(field);
  const entries = Object.entries(condition).filter(([, value]) => value !== undefined);
  if (entries.length === 0) throw refuse(field);
  return Object.fromEntries(entries.map(([name, value]) => toOperator(field, name, value)));
}

function toOperator(field: string, name: string, value: unknown): [string, unknown] {
  if (name === 'in') {
    if (!Array.isArray(value) || !value.every(isScalar)) throw refuse(field);
    return [OPERATORS.in, [...value]];
  }
  if ((name !== 'gte' && name !== 'lt') || !isScalar(value)) throw refuse(field);
  return [OPERATORS[name], value];
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const refuse = (field: string): FilterError =>
  new FilterError(`the filter of "${field}" must be a value, or one of in, gte, lt with values`);
