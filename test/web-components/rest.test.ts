import { afterEach, describe, expect, test, vi } from 'vitest';
import { ApiProblem, call, onSignedOut, pathOf, problemText } from '../../web-components/rest.ts';

afterEach(() => vi.unstubAllGlobals());

const answer = (status: number, body: unknown) =>
  vi.fn(
    async (_path: string, _request: RequestInit) =>
      new Response(body === undefined ? null : JSON.stringify(body), { status }),
  );

describe('a call', () => {
  test('puts parameters into the path and the rest behind it, escaped', () => {
    const sent = { params: { hostId: 'a/b' }, query: { from: 1, to: 2, metrics: 'a,b', left: undefined } };
    expect(pathOf('GET /api/v1/hosts/:hostId/odd', sent)).toEqual({
      method: 'GET',
      path: '/api/v1/hosts/a%2Fb/odd?from=1&to=2&metrics=a%2Cb',
    });
  });

  test('sends JSON and answers with JSON', async () => {
    const fetched = answer(201, { userName: 'owner' });
    vi.stubGlobal('fetch', fetched);
    const session = await call('POST /api/v1/session', { body: { userName: 'owner', password: 'x' } });
    expect(session.userName).toBe('owner');
    const [path, request] = fetched.mock.calls[0] ?? [];
    expect([path, request?.method, request?.body]).toEqual([
      '/api/v1/session',
      'POST',
      '{"userName":"owner","password":"x"}',
    ]);
  });

  test('that answers nothing gives null', async () => {
    vi.stubGlobal('fetch', answer(204, undefined));
    expect(await call('DELETE /api/v1/session')).toBeNull();
  });

  test('that fails throws the problem with its fields', async () => {
    const errors = [{ path: 'body.password', message: 'use at least 10 characters' }];
    vi.stubGlobal('fetch', answer(400, { code: 'invalid-request', title: 'The request is not valid', errors }));
    const body = { code: 'x', userName: 'a', password: 'b' };
    const problem = await call('POST /api/v1/setup/owner', { body }).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({ code: 'invalid-request', status: 400, fields: errors });
  });

  test('that nobody answers says that the appliance is not reached', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('Failed to fetch')));
    await expect(call('GET /api/v1/hosts', { query: {} })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('that is answered by something else says so', async () => {
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => new Response('<html>proxy</html>', { status: 502 })),
    );
    await expect(call('GET /api/v1/hosts', { query: {} })).rejects.toMatchObject({ code: 'unexpected', status: 502 });
  });

  test('without a session tells who listens, and wrong credentials do not', async () => {
    let heard = 0;
    const release = onSignedOut(() => {
      heard += 1;
    });
    vi.stubGlobal('fetch', answer(401, { code: 'wrong-credentials', title: 'Name or password is wrong' }));
    await call('POST /api/v1/session', { body: { userName: 'a', password: 'b' } }).catch(() => undefined);
    expect(heard).toBe(0);
    vi.stubGlobal('fetch', answer(401, { code: 'not-signed-in', title: 'Sign in first' }));
    await call('GET /api/v1/hosts', { query: {} }).catch(() => undefined);
    expect(heard).toBe(1);
    release();
  });

  test('that is called off stays an abort', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new DOMException('called off', 'AbortError')));
    await expect(call('GET /api/v1/hosts', { query: {} })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('anything thrown has a sentence', () => {
    expect(problemText(new Error('the disk is full'))).toBe('the disk is full');
    expect(problemText('?')).toMatch(/\w+/);
  });
});
