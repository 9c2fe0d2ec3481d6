/** JSON Schema as our OpenAPI document has it: the keywords that zod writes. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  not?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  items?: Schema | false;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  default?: unknown;
}

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Looks a `$ref` up. */
export type Lookup = (ref: string) => Schema;

/** What does not fit, each with its place; nothing = the value is valid. */
export function faults(value: unknown, schema: Schema, lookup: Lookup, at = '$'): string[] {
  if (schema.$ref) return faults(value, lookup(schema.$ref), lookup, at);
  const found: string[] = [];
  const say = (isWrong: boolean, what: string): void => {
    if (isWrong) found.push(`${at} ${what}: ${(JSON.stringify(value) ?? 'undefined').slice(0, 80)}`);
  };
  const types = schema.type === undefined ? undefined : [schema.type].flat();
  const kind = typeOf(value);
  if (types)
    say(!types.includes(kind) && !(kind === 'integer' && types.includes('number')), `is no ${types.join(' or ')}`);
  if (schema.const !== undefined) say(!same(value, schema.const), `is not ${JSON.stringify(schema.const)}`);
  if (schema.enum)
    say(!schema.enum.some((each) => same(each, value)), `is none of ${schema.enum.join(', ').slice(0, 200)}`);
  for (const each of schema.allOf ?? []) found.push(...faults(value, each, lookup, at));
  if (schema.anyOf)
    say(!schema.anyOf.some((each) => faults(value, each, lookup, at).length === 0), 'fits none of anyOf');
  if (schema.oneOf)
    say(
      schema.oneOf.filter((each) => faults(value, each, lookup, at).length === 0).length !== 1,
      'fits not one of oneOf',
    );
  if (typeof value === 'string') {
    say(schema.maxLength !== undefined && value.length > schema.maxLength, 'is too long');
    say(schema.minLength !== undefined && value.length < schema.minLength, 'is too short');
    say(
      schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value),
      `does not match ${schema.pattern}`,
    );
  }
  if (typeof value === 'number') {
    say(schema.minimum !== undefined && value < schema.minimum, 'is too small');
    say(schema.maximum !== undefined && value > schema.maximum, 'is too big');
  }
  if (Array.isArray(value)) found.push(...faultsOfList(value, schema, lookup, at));
  else if (typeof value === 'object' && value !== null) found.push(...faultsOfObject(value, schema, lookup, at));
  return found;
}

function faultsOfList(
  list: unknown[],
  { items, prefixItems = [], minItems, maxItems }: Schema,
  lookup: Lookup,
  at: string,
): string[] {
  const found: string[] = [];
  if (list.length < (minItems ?? 0) || list.length > (maxItems ?? Number.MAX_SAFE_INTEGER))
    found.push(`${at} has ${list.length} items`);
  for (const [n, each] of list.entries()) {
    const schema = prefixItems[n] ?? items;
    if (schema) found.push(...faults(each, schema, lookup, `${at}[${n}]`));
  }
  return found;
}

function faultsOfObject(value: object, schema: Schema, lookup: Lookup, at: string): string[] {
  const found = (schema.required ?? [])
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => `${at}.${name} is missing`);
  for (const [name, each] of Object.entries(value)) {
    const known = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const rest = schema.additionalProperties;
    if (known) found.push(...faults(each, known, lookup, `${at}.${name}`));
    else if (rest === false) found.push(`${at}.${name} is not in the schema`);
    else if (typeof rest === 'object') found.push(...faults(each, rest, lookup, `${at}.${name}`));
  }
  return found;
}
