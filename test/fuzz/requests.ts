import fc from 'fast-check';
import type { Operation } from '../../appliance/api/openapi.ts';
import type { Lookup, Schema } from '../helpers/json-schema.ts';

/** One request as it is sent. */
export interface Sending {
  caller: 'owner' | 'admin' | 'viewer' | 'person' | 'nobody';
  path: string;
  body: string | undefined;
  type: string | undefined;
}

/** Ids of things that there are, by the names that routes use. */
export type Ids = Readonly<Record<string, string>>;

const HOSTILE = [
  '',
  ' ',
  '\0',
  '../../etc/passwd',
  '%00',
  '__proto__',
  'constructor',
  '$where',
  '{"$gt":""}',
  "' OR 1=1 --",
  '<script>',
  '\u202e',
  '\ud800',
  '😀'.repeat(20),
  'a'.repeat(5_000),
  '1e309',
  '-1',
  '0',
  '9007199254740993',
  'NaN',
  'null',
  'true',
  '2026-02-30T00:00:00Z',
  '\r\nX-Injected: 1',
  '*',
  '{a="',
  '../',
  'rvk_x_y',
  ',',
  ',,,',
  '[',
  '**',
];
const NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.5,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 31,
  946_684_800_000,
  1_800_000_000_000,
  7_258_118_400_001,
];

const wild: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) },
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], { $gt: '' }, { length: 1e9 }, ['x', null]),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that fit the schema, mostly; ids of what there is where the name asks for one. */
function fitting(schema: Schema, name: string, { ids, lookup }: { ids: Ids; lookup: Lookup }): fc.Arbitrary<unknown> {
  const inner = (each: Schema, its = name) => madeOf(each, its, { ids, lookup });
  const known = ids[name] ?? ids[name.replace(/s$/, 'Id')];
  if (schema.$ref) return inner(lookup(schema.$ref));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((each) => inner(each)));
  if (schema.allOf) return fc.tuple(...schema.allOf.map((each) => inner(each))).map((all) => Object.assign({}, ...all));
  const [type] = [schema.type ?? 'any'].flat();
  if (type === 'string') return textOf(schema, known);
  if (type === 'integer' || type === 'number') {
    const least = Math.max(schema.minimum ?? -1e6, -1e15);
    const most = Math.min(schema.maximum ?? 1e6, 1e15);
    if (type === 'integer')
      return fc.integer({ min: Math.ceil(least), max: Math.max(Math.ceil(least), Math.floor(most)) });
    return fc.double({ min: least, max: most, noNaN: true });
  }
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  if (type === 'array') {
    if (schema.prefixItems) return fc.tuple(...schema.prefixItems.map((each) => inner(each)));
    const most = Math.min(schema.maxItems ?? 4, 4);
    return fc.array(inner(schema.items || {}), { minLength: Math.min(schema.minItems ?? 0, most), maxLength: most });
  }
  if (type === 'object') {
    const fields = Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([each, its]) => [each, inner(its, each)]),
    );
    return fc.record(fields, { requiredKeys: schema.required ?? [] });
  }
  return fc.jsonValue({ maxDepth: 2 });
}

function textOf(
  { pattern, minLength = 0, maxLength = 60, format }: Schema,
  known: string | undefined,
): fc.Arbitrary<string> {
  const plain = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 80)) });
  const made = format === 'uuid' ? fc.uuid() : pattern ? matching(pattern, plain) : plain;
  return known === undefined ? made : fc.oneof({ weight: 3, arbitrary: fc.constant(known) }, made);
}

/** fast-check reads no look-arounds and no classes of Unicode: there any text has to do. */
function matching(pattern: string, plain: fc.Arbitrary<string>): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern));
  } catch {
    return plain;
  }
}

const madeOf = (schema: Schema, name: string, world: { ids: Ids; lookup: Lookup }): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: fitting(schema, name, world) }, { weight: 1, arbitrary: wild });

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** `encodeURIComponent` refuses half a surrogate pair. */
const inUrl = (value: unknown): string => encodeURIComponent(text(value).replace(/[\ud800-\udfff]/g, '?'));

/** Requests for one operation of the document: right, nearly right and hostile ones. */
export function requestsFor(
  path: string,
  operation: Operation,
  world: { ids: Ids; lookup: Lookup },
): fc.Arbitrary<Sending> {
  const parameters = operation.parameters ?? [];
  const inPath = parameters.filter((each) => each.in === 'path');
  const inQuery = parameters.filter((each) => each.in === 'query');
  const isFor = operation.security?.length === 0;
  const isPersonal = operation.description?.includes('Not for API keys') ?? false;
  const callers = isFor
    ? ['nobody', 'nobody', 'viewer']
    : isPersonal
      ? ['person', 'person', 'owner', 'nobody']
      : ['owner', 'owner', 'owner', 'owner', 'admin', 'viewer', 'nobody'];
  const content = Object.entries(operation.requestBody?.content ?? {})[0];
  return fc.record({
    caller: fc.constantFrom(...(callers as Sending['caller'][])),
    path: fc
      .tuple(
        fc.tuple(...inPath.map(({ name, schema }) => madeOf(schema, name, world))),
        fc.record(Object.fromEntries(inQuery.map(({ name, schema }) => [name, madeOf(schema, name, world)])), {
          requiredKeys: inQuery.filter(({ required }) => required).map(({ name }) => name),
        }),
        fc.constantFrom('', '', '', '', '&limit=1&limit=2', '&__proto__[x]=1', '&%', '&a=%ff'),
      )
      .map(([places, query, extra]) => {
        const filled = inPath.reduce(
          (address, { name }, n) => address.replace(`{${name}}`, inUrl(places[n]) || '%20'),
          path,
        );
        const search =
          Object.entries(query)
            .map(([name, value]) => `${name}=${inUrl(value)}`)
            .join('&') + extra;
        return search ? `${filled}?${search}` : filled;
      }),
    ...bodyOf(content, world),
  });
}

interface Bodies {
  body: fc.Arbitrary<string | undefined>;
  type: fc.Arbitrary<string | undefined>;
}

function bodyOf(content: [string, { schema: Schema }] | undefined, world: { ids: Ids; lookup: Lookup }): Bodies {
  if (!content)
    return {
      body: fc.constantFrom(undefined, undefined, undefined, '{}', '{"a":1}'),
      type: fc.constant('application/json'),
    };
  const [type, { schema }] = content;
  if (type !== 'application/json')
    return {
      body: fc.string({ unit: 'binary', maxLength: 200 }),
      type: fc.constantFrom(type, type, 'application/json', 'text/plain'),
    };
  const right = madeOf(schema, 'body', world).map((value) => JSON.stringify(value) ?? '');
  return {
    body: fc.oneof(
      { weight: 12, arbitrary: right },
      fc.constantFrom(
        '',
        '{',
        'null',
        '[',
        '"x"',
        '[]',
        `{"a":"${'x'.repeat(70_000)}"}`,
        '{"__proto__":{"admin":true}}',
      ),
    ),
    type: fc.oneof(
      { weight: 20, arbitrary: fc.constant('application/json') },
      fc.constantFrom('text/plain', 'application/json; charset=x', undefined),
    ),
  };
}
