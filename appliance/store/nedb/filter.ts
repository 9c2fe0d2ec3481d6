import type { Filter } from '../documents.ts';
import { checkedField, conditionsOf } from '../filters.ts';

/** The NeDB query of a portable filter. Fails with `FilterError`. */
export function toQuery<T>(filter: Filter<T>): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  const operators: Record<string, Record<string, unknown>> = {};
  for (const held of conditionsOf(filter)) {
    const field = toField(held.field);
    if (held.is === 'equal') query[field] = held.value;
    else {
      operators[field] = { ...operators[field], [`$${held.is}`]: held.is === 'in' ? [...held.values] : held.value };
      query[field] = operators[field];
    }
  }
  return query;
}

/** The stored name of a top-level field. Fails with `FilterError`. */
export function toField(field: string): string {
  return checkedField(field) === 'id' ? '_id' : field;
}
