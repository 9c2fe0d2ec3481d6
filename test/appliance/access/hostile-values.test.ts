import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Route } from '../../../protocol/route.ts';
import { routes } from '../../../protocol/routes/index.ts';
import { EXAMPLES } from '../../helpers/examples.ts';
import type { InProcess } from '../../helpers/in-process.ts';
import { addressOf, NEVER_IDS, type Sample, sampleFor } from '../../helpers/samples.ts';
import { type Party, signInAs, startWithOwner } from '../../helpers/world.ts';

/** Every field of every route is tried with what does harm elsewhere; the owner sends it, so that nothing is refused at the door. */
let reeve: InProcess;
let owner: Party;
beforeAll(async () => {
  ({ reeve, owner } = await startWithOwner());
});
afterAll(() => reeve.stop());

const table: readonly Route[] = routes;
/** With every field that may be left out, where the schemas of all fields together take that. */
function sampleOf(route: Route): Sample {
  const example = EXAMPLES[route.id];
  try {
    return sampleFor(route, NEVER_IDS, { example, optional: true });
  } catch {
    return sampleFor(route, NEVER_IDS, { example });
  }
}
type Place = readonly [part: 'params' | 'query' | 'body', ...path: string[]];

/** Places of all texts and numbers in a value. */
function leavesOf(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...at, name]));
}

const placesOf = (route: Route): Place[] => {
  const { body } = sampleOf(route);
  const names = (part: 'params' | 'query'): Place[] =>
    Object.keys(route[part]?.shape ?? {}).map((name) => [part, name]);
  return [
    ...names('params'),
    ...names('query'),
    ...(body ? leavesOf(body) : []).map((path): Place => ['body', ...path]),
  ];
};

function withValue(sample: Sample, [part, ...path]: Place, value: unknown): Sample {
  const copy = structuredClone(sample);
  let holder = copy[part] as Record<string, unknown>;
  if (path.length === 0) return { ...copy, [part]: value };
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
  holder[path.at(-1) ?? ''] = value;
  return copy;
}

async function send(route: Route, sample: Sample, who = owner) {
  const answer = await who.ask(
    route.method,
    addressOf(route, sample),
    route.method === 'GET' ? undefined : (sample.body ?? {}),
  );
  if (answer.status === 401 && route.access !== 'public' && who === owner)
    owner = await signInAs(reeve, { userName: 'owner', role: 'owner' }); // It had signed itself out.
  return answer;
}

const operators = [
  { $gt: '' },
  { $ne: null },
  { $regex: '.*' },
  { $where: 'while(true){}' },
  { in: ['a'] },
  ['a', 'b'],
  { gte: '' },
];
const walked = table.filter((route) => placesOf(route).length > 0).map((route) => ({ id: route.id, route }));

test.each(walked)('$id takes no operator of a filter for a value', async ({ route }) => {
  for (const place of placesOf(route).filter(([part]) => part === 'body'))
    for (const operator of operators) {
      const { status } = await send(route, withValue(sampleOf(route), place, operator));
      expect([400, 404, 409, 429], `${place.join('.')} ${JSON.stringify(operator)}: ${status}`).toContain(status);
    }
  for (const [part, name = ''] of placesOf(route).filter(([each]) => each === 'query')) {
    const sample = sampleOf(route);
    const { status } = await owner.ask(
      route.method,
      `${addressOf(route, { ...sample, [part]: {} })}?${name}[$gt]=&${name}[$where]=1`,
    );
    expect(status, name).toBeLessThan(500);
  }
});

const climbs = [
  '..%2f..%2fkey',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '..%5c..%5ckey',
  '%00',
  '%2fetc%2fpasswd',
  'key%00.db',
  '__proto__',
  'constructor',
];

test.each(walked.filter(({ route }) => route.params))('$id finds nothing outside its place', async ({ route }) => {
  for (const climb of climbs) {
    const path = route.path.replace(/:\w+/g, climb);
    const { status, body } = await owner.ask(route.method, path, route.method === 'GET' ? undefined : {});
    expect(status, climb).toBeGreaterThanOrEqual(400);
    expect(status, climb).toBeLessThan(500);
    expect(JSON.stringify(body)).not.toMatch(/root:|[0-9a-f]{64}/);
  }
});

const BREAK = 'a\r\nx-injected: 1\r\n\r\n<script>';

test.each(walked)('$id puts no line of its own into the head of its answer', async ({ route }) => {
  for (const place of placesOf(route)) {
    const { status, headers } = await send(route, withValue(sampleOf(route), place, BREAK));
    expect(status, place.join('.')).toBeLessThan(500);
    expect(headers.get('x-injected'), place.join('.')).toBeNull();
    expect([...headers].flat().join(' ')).not.toContain('x-injected');
  }
});

test.each(walked)('$id pollutes no prototype', async ({ route }) => {
  const sample = sampleOf(route);
  const body = JSON.stringify(sample.body ?? {}).replace(
    /^\{/,
    '{"__proto__":{"polluted":1,"role":"owner","isOwner":true},"constructor":{"prototype":{"polluted":1}},',
  );
  const text = body.replace(/,\}$/, '}');
  const path = addressOf(route, sample);
  const query = `${path.includes('?') ? '&' : '?'}__proto__[polluted]=1&__proto__.polluted=1&constructor[prototype][polluted]=1`;
  if (route.method !== 'DELETE' || route.params) {
    const { status } = await owner.ask(route.method, path + query, route.method === 'GET' ? undefined : text);
    expect(status).toBeLessThan(500);
    if (status === 401 && route.access !== 'public')
      owner = await signInAs(reeve, { userName: 'owner', role: 'owner' });
  }
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('and nobody became more by it, nor is the owner locked out', async () => {
  const again = await signInAs(reeve, { userName: 'owner', role: 'owner' });
  const { body } = await again.ask('GET', '/api/v1/users');
  const users = (body as unknown as { items: { userName: string; isOwner: boolean }[] }).items;
  expect(users.filter(({ isOwner }) => isOwner).map(({ userName }) => userName)).toEqual(['owner']);
});
