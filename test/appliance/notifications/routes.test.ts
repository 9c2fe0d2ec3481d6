import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startFarEnd } from '../../helpers/far-end.ts';
import { startInProcess } from '../../helpers/in-process.ts';

const CANARY = 'canary-77ab';

async function reeve() {
  const running = await startInProcess();
  onTestFinished(() => running.stop());
  await running.setUp();
  return running;
}

test('a channel is set up, shown without its secret, tested, changed, refused when stale, and removed', async () => {
  const { call, data } = await reeve();
  const farEnd = await startFarEnd();
  const kinds = await call('GET', '/api/v1/notification-channel-kinds');
  expect((kinds.body.items as { id: string }[]).map(({ id }) => id)).toContain('webhook');

  const value = { url: `${farEnd.url}/in?key=${CANARY}`, signingKey: CANARY, ca: farEnd.ca };
  const added = await call('POST', '/api/v1/notification-channels', { kind: 'webhook', name: 'Pager', value });
  expect(added.status).toBe(201);
  expect(added.body).toMatchObject({
    rev: 1,
    isEnabled: true,
    value: { url: { set: true }, signingKey: { set: true } },
    problems: [],
  });
  const path = `/api/v1/notification-channels/${added.body.id}`;

  const tested = await call('POST', `${path}/test`);
  expect(tested.body).toMatchObject({ hasArrived: true, answer: '200 ok' });
  expect(farEnd.arrived[0]?.path).toBe(`/in?key=${CANARY}`);

  const change = { rev: 1, name: 'Pager 2', isEnabled: false, value: { url: { set: true }, ca: farEnd.ca } };
  expect((await call('PUT', path, change)).body).toMatchObject({ rev: 2, name: 'Pager 2', isEnabled: false });
  expect((await call('PUT', path, change)).body).toMatchObject({ code: 'conflict' });
  expect((await call('POST', `${path}/test`)).body).toMatchObject({ hasArrived: true });

  for (const answer of [added, await call('GET', '/api/v1/notification-channels')])
    expect(JSON.stringify(answer.body)).not.toContain(CANARY);
  for (const file of ['channels.db', 'audit-trail.db'])
    expect(readFileSync(join(data, 'docs', file), 'utf8')).not.toContain(CANARY);

  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('POST', `${path}/test`)).status).toBe(404);
});

test('what is wrong with a channel is named at its field', async () => {
  const { call } = await reeve();
  const add = async (kind: string, value: object) =>
    (await call('POST', '/api/v1/notification-channels', { kind, name: 'x', value })).body as unknown as {
      errors: { path: string; message: string }[];
    };
  expect((await add('pigeon', {})).errors[0]?.path).toBe('body.kind');
  expect((await add('webhook', { url: 'gopher://x' })).errors[0]?.path).toBe('body.value.url');
  expect((await add('email', { host: 'mail', from: 'a@b.de', to: [] })).errors.map(({ path }) => path)).toContain(
    'body.value.to',
  );
  expect((await add('mqtt', { url: 'mqtt://x' })).errors[0]?.message).toContain('mqtts://');
});

test('routes name channels of their site only, and go with revisions', async () => {
  const { call } = await reeve();
  const value = { url: 'https://example.org' };
  const { body: channel } = await call('POST', '/api/v1/notification-channels', { kind: 'webhook', name: 'x', value });
  const fields = { title: 'All', channelIds: [channel.id] };
  const foreign = { ...fields, channelIds: ['0193a000-0000-7000-8000-00000000000d'] };
  expect((await call('POST', '/api/v1/notification-routes', foreign)).body).toMatchObject({
    errors: [{ path: 'body.channelIds.0' }],
  });
  const { status, body: added } = await call('POST', '/api/v1/notification-routes', fields);
  expect(status).toBe(201);
  const path = `/api/v1/notification-routes/${added.id}`;
  expect((await call('PUT', path, { ...fields, rev: 1, severities: ['critical'] })).body).toMatchObject({
    rev: 2,
    severities: ['critical'],
  });
  expect((await call('PUT', path, { ...fields, rev: 1 })).body).toMatchObject({ code: 'conflict' });
  expect((await call('GET', '/api/v1/notification-routes')).body.items).toHaveLength(1);
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('DELETE', path)).status).toBe(404);
});
