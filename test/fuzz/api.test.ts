import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenApi, Operation } from '../../appliance/api/openapi.ts';
import { faults, type Lookup, type Schema } from '../helpers/json-schema.ts';
import { startTwoSites, type TwoSites } from '../helpers/world.ts';
import { requestsFor, type Sending } from './requests.ts';

/** In total, and how many of them for routes whose work is heavy (hashes, files, whole runs). */
const REQUESTS = 20_500;
const HEAVY: Readonly<Record<string, number>> = {
  ...{
    'jobs.run': 20,
    'users.create': 40,
    'users.resetPassword': 40,
    'account.changePassword': 40,
    'access.signIn': 60,
  },
  ...{
    'backups.restore': 40,
    'access.createOwner': 60,
    'api.document': 60,
    'trail.verify': 60,
    'sites.create': 60,
    'api.docs': 100,
  },
};
/** What would make the appliance another one: their right form is never sent. */
const SECTIONS = ['general', 'history'];

let two: TwoSites;
let api: OpenApi;
const keepAlive = new Agent({ keepAlive: true, maxSockets: 8 });
beforeAll(async () => {
  two = await startTwoSites();
  api = (await two.owner.ask('GET', '/api/openapi.json')).body as unknown as OpenApi;
}, 60_000);
afterAll(async () => {
  keepAlive.destroy();
  await two?.stop();
});

interface Got {
  status: number;
  type: string;
  text: string;
}

const headersOf = (caller: Sending['caller']): Record<string, string> =>
  ({
    owner: two.home.keys.owner.headers,
    admin: two.home.keys.admin.headers,
    viewer: two.home.keys.viewer.headers,
    person: two.home.people.operator.headers,
    nobody: {},
  })[caller];

function send(method: string, { caller, path, body, type }: Sending): Promise<Got> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const headers = {
      ...headersOf(caller),
      ...(bytes && type !== undefined && { 'content-type': type }),
      ...(bytes && { 'content-length': bytes.length }),
    };
    const call = request(two.reeve.http + path, { method, headers, agent: keepAlive }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      );
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end(bytes);
  });
}

const lookup: Lookup = (ref) => {
  const [kind = '', name = ''] = ref.replace('#/components/', '').split('/');
  return (api.components as unknown as Record<string, Record<string, Schema>>)[kind]?.[name] ?? {};
};

/** What is wrong with an answer by the document, or nothing. */
function wrongWith({ status, type, text }: Got, operation: Operation): string | undefined {
  if (status >= 500) return `status ${status}: ${text.slice(0, 300)}`;
  const listed = operation.responses[status] as
    | { $ref?: string; content?: Record<string, { schema: Schema }> }
    | undefined;
  if (!listed) return `status ${status} is not in the document: ${text.slice(0, 200)}`;
  const { content } = (listed.$ref ? lookup(listed.$ref) : listed) as { content?: Record<string, { schema: Schema }> };
  if (!content) return text === '' ? undefined : `a body where none is listed: ${text.slice(0, 100)}`;
  const [bare = ''] = type.split(';');
  const media = content[bare];
  if (!media) return `media type ${type} is not in the document`;
  if (!/[/+]json$/.test(bare)) return undefined;
  const found = faults(JSON.parse(text), media.schema, lookup);
  return found.length > 0 ? `status ${status}: ${found.slice(0, 3).join('; ')}` : undefined;
}

const ORDER = ['get', 'patch', 'put', 'post', 'delete'];

test('no request makes an answer of 5xx, and every answer is as the OpenAPI document says', async () => {
  const { metrics, ...ids } = two.home.ids;
  const world = {
    ids: { ...ids, hosts: ids.hostId ?? '', metrics: metrics ?? '', jobId: 'prune', section: 'general' },
    lookup,
  };
  const operations = Object.entries(api.paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .filter(({ operation }) => operation.operationId !== 'access.signOut')
    .sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method));
  const heavy = operations.reduce((sum, { operation }) => sum + (HEAVY[operation.operationId] ?? 0), 0);
  const light = operations.filter(({ operation }) => HEAVY[operation.operationId] === undefined);
  const each = Math.ceil((REQUESTS - heavy) / light.length);
  const seed = Number(process.env.REEVE_TEST_SEED) || Date.now() % 2 ** 31;
  const wrong: string[] = [];
  const statuses = new Map<string, number>();
  let sent = 0;
  for (const { path, method, operation } of operations) {
    const numRuns = HEAVY[operation.operationId] ?? each;
    const result = await fc.check(
      fc.asyncProperty(requestsFor(path, operation, world), async (sending) => {
        if (operation.operationId === 'settings.change' && !SECTIONS.some((name) => sending.path.endsWith(`/${name}`)))
          sending.path = '/api/v1/settings/general';
        sent++;
        const got = await send(method.toUpperCase(), sending);
        statuses.set(`${got.status}`, (statuses.get(`${got.status}`) ?? 0) + 1);
        const fault = wrongWith(got, operation);
        if (fault) throw new Error(fault);
      }),
      { numRuns, seed, endOnFailure: true },
    );
    if (result.failed)
      wrong.push(
        `${operation.operationId} ${method} ${JSON.stringify(result.counterexample?.[0])?.slice(0, 400)} → ${String((result.errorInstance as Error | undefined)?.message ?? result.errorInstance)}`,
      );
  }
  console.log(
    `${sent} requests with seed ${seed}: ${[...statuses]
      .sort()
      .map(([status, count]) => `${count} × ${status}`)
      .join(', ')}`,
  );
  expect(wrong, `seed ${seed}`).toEqual([]);
  expect(sent).toBeGreaterThanOrEqual(20_000);
  // It was no fuzz if hardly anything came through.
  expect(statuses.get('200') ?? 0).toBeGreaterThan(3_000);
}, 420_000);
