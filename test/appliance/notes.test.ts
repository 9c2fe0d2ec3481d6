import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { answerProblem } from '../../appliance/answer-problem.ts';
import { Problem } from '../../appliance/problem.ts';
import { type Door, Routes } from '../../appliance/serve.ts';
import { StorageError } from '../../appliance/store/errors.ts';
import { route } from '../../protocol/route.ts';

const change = route({
  id: 'things.change',
  method: 'PUT',
  path: '/things/:name',
  access: 'admin',
  site: 'record',
  summary: 'Changes a thing',
  params: z.object({ name: z.string() }),
  answer: z.null(),
  status: 204,
  errors: [],
});
const read = route({ ...change, id: 'things.read', method: 'GET', summary: 'Reads a thing' });

async function served(work: (routes: Routes) => void, table = [change, read]) {
  const entries: unknown[] = [];
  const session = {
    id: 's',
    kind: 'user',
    userId: 'u',
    userName: 'ann',
    role: 'admin',
    siteId: 'here',
    expiresAt: 9e15,
  };
  const door = {
    authenticate: async () => session,
    isSetUp: () => true,
    audit: (entry: unknown) => void entries.push(entry),
    log: { error: () => undefined },
  } as unknown as Door;
  const routes = new Routes();
  work(routes);
  const app = express();
  routes.mount(app, table, door);
  app.use(((error, _request, response, _next) =>
    answerProblem(error, response, { log: door.log, requestId: 'r' })) as express.ErrorRequestHandler);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as { port: number };
  const ask = (method: string) => fetch(`http://127.0.0.1:${port}/things/lamp`, { method });
  return { entries, ask, send: async (method: string) => (await ask(method)).status };
}

test('every call that changes something stands in the audit trail by itself, with what its handler noted', async () => {
  const { entries, send } = await served((routes) => {
    routes.serve(change, ({ note }) => {
      note({ before: { on: false }, after: { on: true }, detail: { why: 'dark' } });
      return null;
    });
    routes.serve(read, () => null);
  });
  expect([await send('PUT'), await send('GET')]).toEqual([204, 204]);
  expect(entries).toEqual([
    {
      ...{ siteId: 'here', who: 'ann', from: '127.0.0.1', what: 'things.change' },
      ...{ detail: { name: 'lamp', why: 'dark' }, before: { on: false }, after: { on: true } },
    },
  ]);
});

test('what was refused changed nothing and does not stand there', async () => {
  const { entries, send } = await served((routes) => {
    routes.serve(change, () => {
      throw new Problem('conflict');
    });
    routes.serve(read, () => null);
  });
  expect(await send('PUT')).toBe(409);
  expect(entries).toEqual([]);
});

test('what only the person who calls could tell leaves no entry', async () => {
  const quiet = route({ ...change, unrecorded: true });
  const work = (routes: Routes) => {
    routes.serve(quiet, () => null);
    routes.serve(read, () => null);
  };
  const { entries, send } = await served(work, [quiet, read]);
  expect(await send('PUT')).toBe(204);
  expect(entries).toEqual([]);
});

test('where nothing can be stored or read, that is the answer, without a word of where it would be', async () => {
  const refused = () => {
    throw new StorageError('reeve on db.example:5432', new Error('connection refused'));
  };
  const { entries, ask } = await served((routes) => {
    routes.serve(change, refused);
    routes.serve(read, refused);
  });
  for (const method of ['PUT', 'GET']) {
    const answer = await ask(method);
    expect(answer.status).toBe(503);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'storage-unavailable', detail: expect.stringContaining('System') });
    expect(text).not.toContain('db.example');
  }
  expect(entries).toEqual([]);
});
