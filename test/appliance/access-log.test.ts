import { Writable } from 'node:stream';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openLog } from '../../appliance/log.ts';
import { type Door, Routes } from '../../appliance/serve.ts';
import { makeWeb } from '../../appliance/web.ts';
import { route } from '../../protocol/route.ts';
import { until } from '../helpers/until.ts';

const CANARY = 'canary-5b1d';
const read = route({
  id: 'things.read',
  method: 'GET',
  path: '/things',
  access: 'viewer',
  site: 'none',
  summary: 'Reads things',
  answer: z.object({ done: z.boolean() }),
  errors: [],
});
const change = route({
  id: 'things.change',
  method: 'POST',
  path: '/things/:name',
  access: 'admin',
  site: 'record',
  summary: 'Changes a thing',
  params: z.object({ name: z.string() }),
  query: z.object({ token: z.string().optional() }),
  body: z.object({ password: z.string() }),
  answer: z.object({ done: z.boolean() }),
  errors: [],
});

test('what changes something or is refused leaves one line: route, status, who, from, bytes; neither path nor query, header nor body', async () => {
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const log = openLog({ level: 'info', isTerminal: false, destination });
  const routes = new Routes();
  routes.serve(change, () => ({ done: true }));
  routes.serve(read, () => ({ done: true }));
  const session = { id: 's', kind: 'key', userId: 'k-1', userName: 'ann', role: 'admin', siteId: 'x', expiresAt: 9e15 };
  const door = {
    authenticate: async () => session,
    isSetUp: () => true,
    audit: () => undefined,
    log,
  } as unknown as Door;
  const web = makeWeb({
    ...{ routes, table: [change, read], door, log, url: undefined, hosts: [], trustProxy: [], webDir: undefined },
    accessLog: log.child({ component: 'access' }),
  });
  const server = express().use(web).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as { port: number };
  // Reading that goes well is for the level `debug`.
  expect((await fetch(`http://127.0.0.1:${port}/things`, { headers: { cookie: 'reeve=1' } })).status).toBe(200);
  const answer = await fetch(`http://127.0.0.1:${port}/things/${CANARY}?token=${CANARY}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CANARY}`, cookie: `reeve=${CANARY}` },
    body: JSON.stringify({ password: CANARY }),
  });
  expect(answer.status).toBe(200);
  await fetch(`http://127.0.0.1:${port}/nowhere/${CANARY}`);
  const entries = await until(
    () => {
      const found = lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ component }) => component === 'access');
      return found.length === 2 && found;
    },
    { what: 'two lines' },
  );
  expect(entries[0]).toMatchObject({
    ...{ level: 'info', method: 'POST', route: 'things.change', status: 200, who: 'key k-1', from: '127.0.0.1' },
    ...{ ms: expect.any(Number), bytes: expect.any(Number), requestId: answer.headers.get('x-request-id') },
  });
  expect(entries[1]).toMatchObject({ status: 404, route: 'static' });
  expect(lines.join('')).not.toContain(CANARY);
});
