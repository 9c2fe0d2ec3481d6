import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENTS_NAMESPACE } from '../../protocol/agent-link.ts';
import { LIVE_NAMESPACE } from '../../protocol/live.ts';
import type { Route } from '../../protocol/route.ts';
import { routes } from '../../protocol/routes/index.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { rawBytes, rawRequest } from '../helpers/raw-http.ts';

let appliance: RunningAppliance;
let owner: Owner;

beforeAll(async () => {
  appliance = await startAppliance();
  owner = await createOwner(appliance);
});
afterAll(async () => {
  await appliance.stop();
});

const JSON_TYPE = { 'content-type': 'application/json' };
/** A path of the route with parameters that are well-formed but belong to nothing. */
const pathOf = ({ path }: Route, value = '01890000-0000-7000-8000-000000000000') =>
  path.replace(/:\w+/g, encodeURIComponent(value));

/** Everything that could take the process or the session down at once must not be tried on the signed-in owner. */
const HARMLESS: readonly Route[] = routes.filter(({ id }) => id !== 'access.signOut');
const WITH_BODY = HARMLESS.filter(({ method }) => !['GET', 'DELETE'].includes(method));

async function stillAnswers(): Promise<void> {
  expect(appliance.isRunning(), appliance.output().slice(-2_000)).toBe(true);
  expect((await rawRequest(`${appliance.httpUrl}/health`)).status).toBe(200);
}

describe('names and origins', () => {
  test('a name that somebody on the internet could own is refused, and the answer names the setting', async () => {
    for (const base of [appliance.httpUrl, appliance.httpsUrl]) {
      const answer = await rawRequest(`${base}/api/v1/entry`, { headers: { host: 'evil.example.com' } });
      expect(answer.status).toBe(421);
      expect(answer.text).toContain('REEVE_HOSTS');
    }
  });

  test('the page itself is refused under such a name too', async () => {
    expect((await rawRequest(appliance.httpUrl, { headers: { host: 'rebind.example.org:8080' } })).status).toBe(421);
  });

  test.each(['localhost', 'reeve', 'reeve.local', '192.168.1.20:8080', '[::1]'])('%s is answered', async (host) => {
    expect((await rawRequest(`${appliance.httpUrl}/api/v1/entry`, { headers: { host } })).status).toBe(200);
  });

  test('a request that changes something is refused from a page of another origin', async () => {
    for (const origin of ['http://evil.example.com', 'null', `${appliance.httpUrl}0`]) {
      const headers = { ...JSON_TYPE, origin, cookie: owner.cookie };
      const answer = await rawRequest(`${appliance.httpUrl}/api/v1/agents/tokens`, {
        method: 'POST',
        headers,
        body: '{}',
      });
      expect([origin, answer.status]).toEqual([origin, 403]);
    }
  });

  test('a form of another page cannot send JSON in disguise', async () => {
    const headers = { 'content-type': 'text/plain', cookie: owner.cookie };
    const answer = await rawRequest(`${appliance.httpUrl}/api/v1/agents/tokens`, {
      method: 'POST',
      headers,
      body: '{}',
    });
    expect(answer.status).toBe(400);
  });

  test('no answer lets another origin read it', async () => {
    const headers = { origin: 'http://evil.example.com', cookie: owner.cookie };
    const answer = await rawRequest(`${appliance.httpUrl}/api/v1/hosts`, { headers });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('the session cookie stays out of scripts and of other sites', async () => {
    const body = JSON.stringify({ userName: 'owner', password: 'correct horse battery staple' });
    const answer = await rawRequest(`${appliance.httpUrl}/api/v1/session`, {
      method: 'POST',
      headers: JSON_TYPE,
      body,
    });
    expect(String(answer.headers['set-cookie'])).toMatch(/^reeve=.*HttpOnly.*SameSite=Strict/i);
    const secure = await rawRequest(`${appliance.httpsUrl}/api/v1/session`, {
      method: 'POST',
      headers: JSON_TYPE,
      body,
    });
    expect(String(secure.headers['set-cookie'])).toMatch(/^__Host-reeve=.*Secure/i);
  });
});

describe('every route of the table', () => {
  test.each(HARMLESS.map((route) => [route.id, route] as const))(
    '%s: says no to whoever is not signed in',
    async (_id, route) => {
      const headers = route.body ? JSON_TYPE : {};
      const answer = await rawRequest(appliance.httpUrl + pathOf(route), {
        method: route.method,
        headers,
        ...(route.body ? { body: '{}' } : {}),
      });
      const isOpen = ['public', 'setup', 'agent'].includes(route.access);
      if (isOpen) expect(answer.status).toBeLessThan(500);
      else expect(answer.status).toBe(401);
    },
  );

  test.each(HARMLESS.map((route) => [route.id, route] as const))(
    '%s: odd parameters and queries do no harm',
    async (_id, route) => {
      for (const odd of ['..%2f..%2fetc', '\u0000', '%', 'a'.repeat(4_000), "' or 1=1 --", '{"$gt":""}', '💥']) {
        const query = `?from=${encodeURIComponent(odd)}&to[]=1&maxPoints=-1&__proto__[x]=1&from=2`;
        const path = route.method === 'DELETE' && !route.path.includes(':') ? route.path : pathOf(route, odd);
        const answer = await rawRequest(appliance.httpUrl + path + query, {
          method: route.method,
          headers: { cookie: owner.cookie },
        });
        expect([odd, answer.status < 500]).toEqual([odd, true]);
      }
      await stillAnswers();
    },
  );

  /** What a schema may take for a name or leave aside. */
  const MAY_PASS = ['prototypes', 'other types', 'control characters', 'lone surrogates', 'bytes that are not UTF-8'];
  const nested = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const hostile: Record<string, string | Buffer> = {
    'half an object': '{"userName": "owner", "pass',
    'not JSON at all': '<xml>',
    'a number': '1',
    null: 'null',
    'a list': '[[[[]]]]',
    prototypes: '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}}}',
    'other types':
      '{"userName":{"$ne":null},"password":["x"],"code":1e308,"rev":"NaN","tokenId":true,"sessionId":null,"facts":[]}',
    'control characters': JSON.stringify({ userName: '\u0000\u2028\ufeff', name: '\u202e\u0085', siteName: '\n' }),
    'lone surrogates': '{"userName":"\\ud800","name":"\\udfff","code":"\\ud800"}',
    'bytes that are not UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    'deep nesting': nested.slice(0, 60_000),
    'a megabyte': JSON.stringify({ name: 'x'.repeat(1_000_000) }),
  };

  test.each(WITH_BODY.map((route) => [route.id, route] as const))(
    '%s: a hostile body is the sender’s mistake, never ours',
    async (_id, route) => {
      for (const [what, body] of Object.entries(hostile)) {
        const headers = { ...JSON_TYPE, cookie: owner.cookie };
        const answer = await rawRequest(appliance.httpUrl + pathOf(route), { method: route.method, headers, body });
        const isRefused = answer.status === 0 || (answer.status >= 400 && answer.status < 500);
        // A route without a body of its own reads none.
        const isFine = answer.status < 300 && (!route.body || MAY_PASS.includes(what));
        expect([what, answer.status, isRefused || isFine]).toEqual([what, answer.status, true]);
      }
      await stillAnswers();
    },
  );

  test('an answer that is no success is a problem document with a known code', async () => {
    const answer = await rawRequest(`${appliance.httpUrl}/api/v1/no-such-thing`, { headers: { cookie: owner.cookie } });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'not-found', status: 404 });
  });

  test('a body that is announced and then cut off holds nothing up', async () => {
    const head =
      'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"user';
    await rawBytes(appliance.httpUrl, head);
    await stillAnswers();
  });

  test('two lengths in one request are refused, so that nothing can be smuggled behind a proxy', async () => {
    const head =
      'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await rawBytes(appliance.httpUrl, head)).not.toMatch(/^HTTP\/1\.1 2/);
  });

  test.each([
    ['noise', Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 167) % 256))],
    ['a TLS hello', Buffer.from('1603010200010001fc0303', 'hex')],
    ['a header without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(100_000)}`],
  ])('%s on either port does not stop the process', async (_what, bytes) => {
    await rawBytes(appliance.httpUrl, bytes);
    await rawBytes(appliance.httpsUrl, bytes);
    await stillAnswers();
  });

  test('a path out of the dashboard’s folder is not followed', async () => {
    for (const path of ['/../../package.json', '/assets/..%2f..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/etc/passwd']) {
      const bytes = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      const answer = await rawBytes(appliance.httpUrl, bytes, { waitMs: 1_000 });
      expect(answer).not.toMatch(/"name": "reeve"|root:x:/);
    }
  });
});

/** Tries to open a socket; answers with what came of it. */
function knock(url: string, options: Parameters<typeof io>[1] = {}): Promise<{ connected: boolean; reason: string }> {
  return new Promise((done) => {
    const socket = io(url, {
      reconnection: false,
      forceNew: true,
      timeout: 5_000,
      rejectUnauthorized: false,
      ...options,
    });
    const finish = (connected: boolean, reason: string) => {
      socket.disconnect();
      done({ connected, reason });
    };
    socket.on('connect', () => finish(true, ''));
    socket.on('connect_error', (error) => finish(false, error.message));
  });
}

/**
 * Resolves once the appliance has taken everything that was said on the socket: messages keep their order, so that it has when it
 * answers the one behind them (`last`), or closes the connection. `send` is called when the socket is open.
 */
function taken(socket: Socket, { last, send }: { last: string; send?: () => void }): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error('the appliance neither answers nor closes')), 20_000);
    const finish = () => {
      clearTimeout(timer);
      done();
    };
    socket.on('disconnect', finish);
    socket.on('connect_error', finish);
    socket.on('connect', () => {
      send?.();
      socket.emit(last, {}, finish);
    });
  });
}

describe('sockets', () => {
  const live = () => appliance.httpUrl + LIVE_NAMESPACE;
  const signedIn = () => ({ transports: ['websocket'], extraHeaders: { cookie: owner.cookie } });

  test('a dashboard that is signed in gets in', async () => {
    expect(await knock(live(), signedIn())).toEqual({ connected: true, reason: '' });
  });

  test('without a session it does not', async () => {
    expect((await knock(live(), { transports: ['websocket'] })).connected).toBe(false);
  });

  test.each(['http://evil.example.com', 'null'])(
    'a page of origin %s does not, even with the cookie',
    async (origin) => {
      const extraHeaders = { cookie: owner.cookie, origin };
      for (const transports of [['websocket'], ['polling']]) {
        expect((await knock(live(), { transports, extraHeaders })).connected).toBe(false);
      }
    },
  );

  test('agents are refused on the plain HTTP port', async () => {
    for (const transports of [['websocket'], ['polling']]) {
      expect((await knock(appliance.httpUrl + AGENTS_NAMESPACE, { transports })).connected).toBe(false);
    }
  });

  test('agents are refused over polling', async () => {
    expect((await knock(appliance.httpsUrl + AGENTS_NAMESPACE, { transports: ['polling'] })).connected).toBe(false);
  });

  test('a namespace that does not exist is refused', async () => {
    expect((await knock(`${appliance.httpsUrl}/admin`, { transports: ['websocket'] })).connected).toBe(false);
  });

  test.each([
    ['/live', () => live(), ['fleet', 'watch', 'unwatch', 'nonsense']],
    [
      '/agents',
      () => appliance.httpsUrl + AGENTS_NAMESPACE,
      ['hello', 'declare', 'frames', 'skip', 'watch', 'time', 'nonsense'],
    ],
  ])('nonsense on %s does not stop the process', async (_name, url, events) => {
    const socket = io(url(), { ...signedIn(), reconnection: false, forceNew: true, rejectUnauthorized: false });
    const circle = { deep: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) };
    const messages = [
      undefined,
      null,
      1,
      '',
      'x'.repeat(10_000),
      [],
      {},
      { hostId: {} },
      { hostId: '../..' },
      circle,
      Buffer.alloc(100),
    ];
    for (const event of events) {
      for (const message of messages) {
        socket.emit(event, message);
        socket.emit(event, message, () => undefined);
        socket.emit(event, () => undefined);
      }
    }
    socket.emit('connect_error2', 'x');
    await taken(socket, { last: events[0] ?? '' });
    socket.disconnect();
    await stillAnswers();
  });

  test.each([
    '0',
    '40/live,{',
    '42["fleet"',
    '451-["x",{"_placeholder":true,"num":99}]',
    '4'.repeat(100_000),
    'b4AAAA',
  ])('a broken packet does not stop the process: %.20s', async (packet) => {
    const socket = io(live(), { ...signedIn(), reconnection: false, forceNew: true });
    const send = (): void => {
      // Below both protocols, where nothing puts the packet right before it is sent.
      const { ws } = socket.io.engine.transport as unknown as { ws: { send(text: string): void } };
      ws.send(packet);
    };
    await taken(socket, { last: 'fleet', send });
    socket.disconnect();
    await stillAnswers();
  });
});
