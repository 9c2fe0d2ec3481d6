import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../../protocol/problem.ts';
import type { Route } from '../../protocol/route.ts';
import { namedSchemas } from './components.ts';

type Json = Record<string, unknown>;
/** An OpenAPI 3.1 document, as far as others look into it. */
export interface OpenApi {
  openapi: '3.1.0';
  info: Json;
  servers: Json[];
  tags: Json[];
  security: Json[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; responses: Record<string, Json>; securitySchemes: Json };
}
export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security?: Json[];
  parameters?: { name: string; in: 'path' | 'query'; required: boolean; schema: Json; description?: string }[];
  requestBody?: { required: true; content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
}

const ROLES = ['viewer', 'operator', 'admin', 'owner'];
const PROBLEM = 'Problem';

/** Writes the whole route table down as OpenAPI 3.1; nothing is said here that the table does not say. */
export function openApiDocument(table: readonly Route[], version: string): OpenApi {
  const writer = new Writer();
  const paths: OpenApi['paths'] = {};
  for (const route of table) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: writer.operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reeve',
      version,
      summary: 'A local appliance that looks after a fleet of machines',
      description:
        'Everything that the dashboard does. Every call belongs to one site: that of the session, or of the API key. Times are epoch milliseconds. Lists answer `{items, next}`; send `next` as `cursor` for the next page. Whatever is not a success is a problem document (RFC 9457) with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This appliance' }],
    tags: [...new Set(table.map(tagOf))].sort().map((name) => ({ name })),
    security: SIGNED_IN,
    paths,
    components: { schemas: writer.schemas, responses: writer.responses, securitySchemes: SCHEMES },
  };
}

const SCHEMES: Json = {
  cookie: { type: 'apiKey', in: 'cookie', name: 'reeve', description: 'Session of a browser over HTTP' },
  secureCookie: { type: 'apiKey', in: 'cookie', name: '__Host-reeve', description: 'Session of a browser over HTTPS' },
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or the token of a session' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key' },
};
const SIGNED_IN = ['cookie', 'secureCookie', 'bearer', 'apiKey'].map((name) => ({ [name]: [] }));
const PERSONAL = ['cookie', 'secureCookie', 'bearer'].map((name) => ({ [name]: [] }));

const tagOf = ({ id }: Route): string => id.split('.')[0] ?? id;

/** Collects what the operations share. */
class Writer {
  readonly schemas: Record<string, Json> = { [PROBLEM]: problemSchema() };
  readonly responses: Record<string, Json> = {};
  readonly #names = namedSchemas();

  operation(route: Route): Operation {
    const parameters = [...this.#parameters(route, 'path'), ...this.#parameters(route, 'query')];
    const content = contentOfBody(route, (schema) => this.#input(schema));
    const needs = ROLES.includes(route.access) ? `Needs the role ${route.access}.` : undefined;
    return {
      operationId: route.id,
      summary: route.summary,
      ...(needs && { description: route.personal ? `${needs} Not for API keys.` : needs }),
      tags: [tagOf(route)],
      ...(!needs && { security: [] }),
      ...(needs && route.personal && { security: PERSONAL }),
      ...(parameters.length > 0 && { parameters }),
      ...(content && { requestBody: { required: true, content } }),
      responses: { ...this.#success(route), ...this.#refusals(route) },
    };
  }

  #parameters(route: Route, place: 'path' | 'query'): NonNullable<Operation['parameters']> {
    const schema = place === 'path' ? route.params : route.query;
    if (!schema) return [];
    const { properties = {}, required = [] } = this.#input(schema) as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, each]) => {
      const { title, ...rest } = each;
      return {
        ...{ name, in: place, required: place === 'path' || required.includes(name), schema: rest },
        ...(typeof title === 'string' && { description: title }),
      };
    });
  }

  #success(route: Route): Record<string, Json> {
    const status = route.status ?? 200;
    const description = STATUS_CODES[status] ?? 'Success';
    if (status === 204) return { 204: { description } };
    const json = typeof route.answer === 'string' ? undefined : this.#output(route.answer);
    const texts = [...(typeof route.answer === 'string' ? [route.answer] : []), ...(route.media ?? [])];
    const content = Object.fromEntries(texts.map((type) => [bare(type), { schema: { type: 'string' } }]));
    const headers = isRecord(route) && {
      headers: { ETag: { description: 'Revision of the record, in quotes', schema: { type: 'string' } } },
    };
    return {
      [status]: {
        description,
        ...headers,
        content: { ...(json && { 'application/json': { schema: json } }), ...content },
      },
    };
  }

  #refusals(route: Route): Record<string, Json> {
    const problems = problemsOf(route);
    const statuses = [...new Set(problems.map((code) => PROBLEMS[code].status))].sort();
    return Object.fromEntries(
      statuses.map((status) => {
        const codes = problems.filter((code) => PROBLEMS[code].status === status);
        const name = codes.join('_');
        this.responses[name] ??= refusal(codes);
        return [status, { $ref: `#/components/responses/${name}` }];
      }),
    );
  }

  #input(schema: z.ZodType): Json {
    return clean(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  }

  /** Parts that have a name go to the components. */
  #output(schema: z.ZodType): Json {
    const written = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any', metadata: this.#names });
    const { $defs = {}, ...own } = written as Json & { $defs?: Record<string, Json> };
    const name = this.#names.get(schema)?.id;
    for (const [each, part] of Object.entries($defs)) this.schemas[each] = clean(part);
    if (!name) return clean(own);
    if (!$defs[name]) this.schemas[name] = clean(own);
    return { $ref: `#/components/schemas/${name}` };
  }
}

/** Media type without its parameters. */
const bare = (type: string): string => type.split(';')[0]?.trim() ?? type;

/** A read of one record that has a revision. */
export const isRecord = ({ method, answer }: Route): boolean =>
  method === 'GET' && answer instanceof z.ZodObject && answer.shape.rev !== undefined;

function contentOfBody(route: Route, write: (schema: z.ZodType) => Json): Record<string, { schema: Json }> | undefined {
  if (route.uploadBytes !== undefined)
    return { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
  return route.body && { 'application/json': { schema: write(route.body) } };
}

/** Every problem that a call may be answered with: those that the route names, and those that come with what it is. */
export function problemsOf(route: Route): ProblemCode[] {
  const { method, params, query, body, uploadBytes, access, errors, beforeSetup, personal } = route;
  const isRole = ROLES.includes(access);
  const changes = method !== 'GET';
  const codes = new Set<ProblemCode>(errors);
  const add = (condition: unknown, ...more: ProblemCode[]): void => {
    if (condition) for (const code of more) codes.add(code);
  };
  add(true, 'wrong-host', 'internal-error', 'too-many-requests');
  add(params || query || body || uploadBytes !== undefined || changes, 'invalid-request');
  add(changes, 'wrong-origin', 'too-large', 'too-slow');
  add(isRole || changes, 'storage-unavailable');
  add(isRole, 'not-signed-in');
  add((isRole && access !== 'viewer') || personal, 'not-allowed');
  add(!beforeSetup, 'setup-required');
  add(params, 'not-found');
  return [...codes].sort();
}

function refusal(codes: readonly ProblemCode[]): Json {
  const only = { type: 'object', properties: { code: { enum: codes } } };
  return {
    description: codes.map((code) => `${PROBLEMS[code].title} (\`${code}\`)`).join('; '),
    content: { 'application/problem+json': { schema: { allOf: [{ $ref: `#/components/schemas/${PROBLEM}` }, only] } } },
  };
}

function problemSchema(): Json {
  const text = { type: 'string' };
  const field = { type: 'object', properties: { path: text, message: text }, required: ['path', 'message'] };
  return {
    type: 'object',
    description: 'RFC 9457',
    properties: {
      type: { ...text, description: 'Where the problem is explained' },
      code: { enum: Object.keys(PROBLEMS), description: 'Stable; texts may change' },
      status: { type: 'integer' },
      title: text,
      detail: text,
      instance: { ...text, description: 'Id of the request, as in the log' },
      errors: { type: 'array', items: field },
    },
    required: ['type', 'code', 'status', 'title'],
  };
}

/** Without what only our own forms read, and with references that point to the components. */
function clean(node: unknown): Json {
  return cleaned(node, false) as Json;
}

const OURS = new Set(['$schema', 'widget', 'secret', 'order', 'choices', 'id', 'placeholder']);

function cleaned(node: unknown, areNames: boolean): unknown {
  if (Array.isArray(node)) return node.map((each) => cleaned(each, false));
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([name]) => areNames || !OURS.has(name));
  return Object.fromEntries(
    kept.map(([name, each]) => {
      if (name === '$ref' && typeof each === 'string') return [name, each.replace('#/$defs/', '#/components/schemas/')];
      return [name, cleaned(each, !areNames && (name === 'properties' || name === '$defs'))];
    }),
  );
}
