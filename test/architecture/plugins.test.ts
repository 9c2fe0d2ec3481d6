import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { PROBLEMS } from '../../protocol/problem.ts';
import type { Route } from '../../protocol/route.ts';
import { routes } from '../../protocol/routes/index.ts';
import { SEAMS, type Seam } from './seams.ts';
import { productTree, ROOT } from './tree.ts';

interface Listed {
  id: string;
  title?: string;
  settings?: z.ZodType;
}

/** What is wrong with a list and the files beside it; a file with a dot in its name (`cpu.win32.ts`) is part of another. */
function problemsOf(
  files: readonly string[],
  listed: readonly Listed[],
  { contract, hasSettings }: Omit<Seam, 'folder' | 'list'>,
): string[] {
  const names = files
    .filter((file) => file !== 'index.ts' && !contract.includes(file))
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => !name.includes('.'));
  const ids = listed.map(({ id }) => id);
  return [
    ...names.filter((name) => !ids.includes(name)).map((name) => `${name}.ts is not listed in index.ts`),
    ...ids.filter((id) => !names.includes(id)).map((id) => `${id} is listed, but there is no ${id}.ts`),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${id} is listed twice`),
    ...listed.filter(({ title }) => !title).map(({ id }) => `${id} has no title`),
    ...listed
      .filter(({ settings }) => hasSettings && !settings?.safeParse)
      .map(({ id }) => `${id} does not describe its settings`),
  ];
}

describe('plug-ins as they are', () => {
  for (const { folder, list, ...rest } of SEAMS) {
    const place = join(ROOT, folder);
    test.runIf(existsSync(join(place, 'index.ts')))(
      `${folder}: each file is listed once under its own name`,
      async () => {
        const listed = (await import(pathToFileURL(join(place, 'index.ts')).href))[list];
        const files = readdirSync(place).filter((file) => file.endsWith('.ts'));
        expect(problemsOf(files, listed, rest)).toEqual([]);
        expect(listed.length).toBeGreaterThan(0);
      },
    );
  }

  test('every folder with a list is known as a seam', () => {
    const lists = [...productTree().keys()].filter((path) => path.endsWith('/index.ts')).map((path) => dirname(path));
    expect(lists.filter((folder) => folder !== 'protocol/routes').sort()).toEqual(
      SEAMS.map(({ folder }) => folder)
        .filter((folder) => existsSync(join(ROOT, folder)))
        .sort(),
    );
    // It reads the whole tree, which a loaded machine takes its time for.
  }, 120_000);
});

describe('the plug-in test fails when', () => {
  const settings = { safeParse: () => ({}) } as unknown as z.ZodType;
  const cpu = { id: 'cpu', title: 'Processor', settings };
  const judge = (files: string[], listed: Listed[]) =>
    problemsOf(files, listed, { contract: ['collector.ts'], hasSettings: true });
  const files = ['collector.ts', 'index.ts', 'cpu.ts', 'cpu.win32.ts'];

  test('nothing is wrong: never', () => expect(judge(files, [cpu])).toEqual([]));
  test('a file is not listed', () =>
    expect(judge([...files, 'load.ts'], [cpu])).toEqual(['load.ts is not listed in index.ts']));
  test('a plug-in has another name than its file', () =>
    expect(judge(files, [{ ...cpu, id: 'processor' }])).toHaveLength(2));
  test('a plug-in is listed twice', () => expect(judge(files, [cpu, cpu])).toEqual(['cpu is listed twice']));
  test('a plug-in has no title', () => expect(judge(files, [{ ...cpu, title: '' }])).toEqual(['cpu has no title']));
  test('a plug-in does not describe its settings', () =>
    expect(judge(files, [{ id: 'cpu', title: 'Processor' }])).toEqual(['cpu does not describe its settings']));
});

const ACCESS = ['public', 'setup', 'agent', 'viewer', 'operator', 'admin', 'owner'];
/** Reading the body of such a request is a mistake of ours. */
const WITHOUT_BODY = ['GET', 'DELETE'];

/** What is wrong with a route table. */
function problemsOfRoutes(table: readonly Route[]): string[] {
  const keyOf = ({ method, path }: Route) => `${method} ${path.replace(/:\w+/g, ':')}`;
  const twice = (names: string[]) =>
    names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${name} is there twice`);
  return [
    ...twice(table.map(({ id }) => id)),
    ...twice(table.map(keyOf)),
    ...table.filter(({ access }) => !ACCESS.includes(access)).map(({ id }) => `${id} does not say who has access`),
    ...table.filter(({ method, body }) => WITHOUT_BODY.includes(method) && body).map(({ id }) => `${id} has a body`),
    ...table
      .filter(({ errors }) => errors.some((code) => !(code in PROBLEMS)))
      .map(({ id }) => `${id} has an unknown error`),
    ...table
      .filter(({ path, params }) =>
        [...path.matchAll(/:(\w+)/g)].some(([, name]) => !params || !(`${name}` in params.shape)),
      )
      .map(({ id }) => `${id} does not check a parameter of its path`),
    ...table
      .filter(
        ({ access, errors }) =>
          ['viewer', 'operator', 'admin', 'owner'].includes(access) && !errors.includes('not-signed-in'),
      )
      .map(({ id }) => `${id} needs a sign-in and does not say so`),
  ];
}

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value;

describe('routes', () => {
  test('each has an id, a place and an access of its own', () => expect(problemsOfRoutes(routes)).toEqual([]));

  test('each that a file declares is in the table', async () => {
    const folder = join(ROOT, 'protocol/routes');
    const declared: string[] = [];
    for (const file of readdirSync(folder).filter((name) => name !== 'index.ts')) {
      const module = await import(pathToFileURL(join(folder, file)).href);
      declared.push(
        ...Object.values(module)
          .filter(isRoute)
          .map(({ id }) => id),
      );
    }
    expect(declared.sort()).toEqual(routes.map(({ id }) => id).sort());
  });

  test('a broken table is found out', () => {
    const [route] = routes;
    const broken = { ...route, access: undefined, path: '/api/v1/hosts/:hostId', body: {} } as unknown as Route;
    expect(problemsOfRoutes([route, broken])).toEqual([
      `${route.id} is there twice`,
      `${route.id} does not say who has access`,
      `${route.id} has a body`,
      `${route.id} does not check a parameter of its path`,
    ]);
  });
});
