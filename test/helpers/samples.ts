import { z } from 'zod';
import type { Route } from '../../protocol/route.ts';

/** JSON Schema, as far as samples are made of it. */
interface Shape {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  items?: Shape;
  prefixItems?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  $ref?: string;
}

/** Ids that a sample uses, by the name of the property: `hostId`, and for lists `hostIds` or `hosts`. */
export type Ids = Readonly<Record<string, string>>;

/** The id of nothing that ever was. */
export const NEVER = '01890a5d-ac96-774b-bcce-b302099a8057';

/** Ids of nothing that ever was, by the names that routes use. */
export const NEVER_IDS: Ids = {
  ...{ siteId: NEVER, hostId: NEVER, agentId: NEVER, userId: NEVER, keyId: NEVER, sessionId: NEVER },
  ...{ alertId: NEVER, ruleId: NEVER, channelId: NEVER, routeId: NEVER },
  browserId: NEVER,
  ...{ deviceId: NEVER, subnetId: NEVER, otherDeviceId: NEVER, mergedDeviceId: NEVER },
  tokenId: '00000000',
  boardId: NEVER,
  ...{ auditKeyId: NEVER, targetId: NEVER, auditId: NEVER, beforeId: NEVER, waiverId: NEVER },
  ...{ rollOutId: NEVER, installId: NEVER },
  ...{ silenceId: NEVER, windowId: NEVER, parentId: NEVER, incidentId: NEVER },
};

const TEXTS = [
  'sample',
  'sample-name-of-ten',
  'a',
  '1',
  '2026-01-01T00:00:00Z',
  'ABCDEFGH',
  '00000000',
  '123456',
  '/a',
];

function textOf({ pattern, minLength = 0 }: Shape, id: string | undefined): string {
  const fits = (text: string): boolean => text.length >= minLength && (!pattern || new RegExp(pattern, 'u').test(text));
  if (id !== undefined && fits(id)) return id;
  const lengths = [...(pattern ?? '').matchAll(/\{(\d+)/g)].map(([, length]) => Number(length));
  const repeated = lengths.flatMap((length) => ['A'.repeat(length), 'a'.repeat(length), '0'.repeat(length)]);
  return [...TEXTS, ...repeated].find(fits) ?? 'x'.repeat(minLength);
}

/** Whether ids of the wall's other side could be smuggled in by this property. */
const idFor = (name: string, ids: Ids): string | undefined =>
  ids[name] ?? ids[`${name.replace(/s$/, '').replace(/Id$/, '')}Id`];

interface Wanted {
  ids: Ids;
  /** Also what may be left out. */
  optional: boolean;
}

function sampleOf(shape: Shape, name: string, how: Wanted): unknown {
  const { ids, optional } = how;
  const alternatives = shape.anyOf ?? shape.oneOf;
  if (shape.const !== undefined) return shape.const;
  if (shape.enum) return shape.enum[0];
  if (shape.allOf?.[0]) return Object.assign({}, ...shape.allOf.map((each) => sampleOf(each, name, how)));
  if (alternatives?.[0]) return sampleOf(alternatives[0], name, how);
  if (shape.type === 'string') return textOf(shape, idFor(name, ids) ?? (shape.format === 'uuid' ? NEVER : undefined));
  if (shape.type === 'integer' || shape.type === 'number')
    return Math.max(shape.minimum ?? 1, (shape.exclusiveMinimum ?? 0) + 1);
  if (shape.type === 'boolean') return false;
  if (shape.type === 'null') return null;
  if (shape.type === 'array') {
    const wanted = Math.max(shape.minItems ?? 0, optional || idFor(name, ids) ? 1 : 0);
    return Array.from({ length: wanted }, (_, n) => sampleOf(shape.prefixItems?.[n] ?? shape.items ?? {}, name, how));
  }
  if (shape.type !== 'object') return 'sample';
  const wanted = Object.entries(shape.properties ?? {}).filter(
    ([each]) => optional || shape.required?.includes(each) || idFor(each, ids) !== undefined,
  );
  return Object.fromEntries(wanted.map(([each, inner]) => [each, sampleOf(inner, each, how)]));
}

const shapeOf = (schema: z.ZodType): Shape => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;

export interface Sample {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
}

/** What is laid over the sample of a route whose schema says too little of what it takes. */
export type Example = (ids: Ids) => Partial<Sample>;

/**
 * A request that the schemas of a route take, made of these schemas. Fails for one whose schema refuses what was made:
 * it needs an example.
 */
export function sampleFor(
  route: Route,
  ids: Ids,
  { example = () => ({}), optional = false }: { example?: Example | undefined; optional?: boolean } = {},
): Sample {
  const sample: Sample = { params: {}, query: {}, body: undefined };
  for (const part of ['params', 'query', 'body'] as const) {
    const schema = route[part];
    if (!schema) continue;
    const given = example(ids)[part];
    const made = given ?? sampleOf(shapeOf(schema), part, { ids, optional });
    const checked = schema.safeParse(made);
    if (!checked.success)
      throw new Error(`${route.id} needs an example of its ${part}: ${checked.error.issues[0]?.message}`);
    Object.assign(sample, { [part]: made });
  }
  return sample;
}

/** The path of a sample, query included. */
export function addressOf({ path }: Route, { params, query }: Sample): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? 'sample'));
  const text = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return text.size > 0 ? `${filled}?${text}` : filled;
}
