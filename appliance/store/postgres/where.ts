import type { Filter, FindOptions } from '../documents.ts';
import { checkedField, conditionsOf, type Held, type Scalar } from '../filters.ts';
import { lookupText } from './lookup.ts';

/** A part of a statement, and the values that it names. */
export interface Search {
  where: string;
  order: string;
  values: unknown[];
}

/** What picks documents of one kind, and puts them in order. Fails with `FilterError`. */
export function searchOf<T>(filter: Filter<T>, sort: FindOptions<T>['sort']): Search {
  const values: unknown[] = [];
  const parts = conditionsOf(filter).map((held) => conditionOf(held, (value) => `$${values.push(value)}`));
  return { where: ['fields is not null', ...parts].join(' and '), order: orderOf(sort), values };
}

/** A field in three forms: as JSON, as text in the order of code points, and what it is. */
function formsOf(field: string): { json: string; text: string; type: string } {
  if (field === 'id') return { json: 'to_jsonb(id)', text: 'id', type: "'string'" };
  if (field === 'rev') return { json: 'to_jsonb(rev)', text: 'rev::text', type: "'number'" };
  const json = `(fields->'${checkedField(field)}')`;
  return { json, text: `(fields->>'${field}') collate "C"`, type: `jsonb_typeof${json}` };
}

type Put = (value: unknown) => string;

function conditionOf(held: Held, put: Put): string {
  const { json, text, type } = formsOf(held.field);
  if (held.is === 'in' || held.is === 'equal') {
    const all = held.is === 'in' ? held.values : [held.value];
    // As text, so that the primary key finds it.
    if (held.field === 'id') return `id = any(${put(all.filter(isText).map(lookupText))}::text[])`;
    if (held.is === 'in') return `${json} = any(${put(all.map(jsonOf))}::jsonb[])`;
    return `${json} = ${put(jsonOf(held.value))}::jsonb`;
  }
  const sign = held.is === 'gte' ? '>=' : '<';
  if (typeof held.value === 'string') return `(${type} = 'string' and ${text} ${sign} ${put(lookupText(held.value))})`;
  if (typeof held.value === 'number' && !Number.isNaN(held.value))
    return `(${type} = 'number' and ${json} ${sign} ${put(jsonOf(within(held.value)))}::jsonb)`;
  return 'false';
}

/** Missing first, then null, numbers, texts, false and true; the id decides between equals. */
function orderOf<T>(sort: FindOptions<T>['sort']): string {
  const direction = sort?.order === 'down' ? 'desc' : 'asc';
  if (!sort || sort.by === 'id') return `id ${direction}`;
  const { json, text, type } = formsOf(sort.by);
  const rank = `case ${type} when 'null' then 1 when 'number' then 2 when 'string' then 3 when 'boolean' then 4 else 0 end`;
  const number = `case ${type} when 'number' then ${json} end`;
  return `${[rank, number, text].map((each) => `${each} ${direction}`).join(', ')}, id`;
}

const isText = (value: Scalar): value is string => typeof value === 'string';

/** JSON has no infinity, and there is no number beyond it. */
const within = (value: number): number | bigint =>
  Number.isFinite(value) ? value : 10n ** 400n * (value > 0 ? 1n : -1n);

const jsonOf = (value: Scalar | bigint): string =>
  typeof value === 'bigint' ? String(value) : JSON.stringify(typeof value === 'string' ? lookupText(value) : value);
