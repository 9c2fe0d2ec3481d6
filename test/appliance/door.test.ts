import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOurHost, isOurOrigin, ownNames } from '../../appliance/addresses.ts';
import { Routes } from '../../appliance/serve.ts';
import { StartError } from '../../appliance/start-error.ts';
import { health } from '../../protocol/routes/health.ts';
import { makeAgentDist } from '../helpers/agent-dist.ts';
import { type InProcess, startInProcess } from '../helpers/in-process.ts';
import { holdPort } from '../helpers/ports.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

let reeve: InProcess;
beforeAll(async () => {
  const distDir = makeAgentDist();
  mkdirSync(path.join(distDir, 'web'));
  writeFileSync(path.join(distDir, 'web', 'index.html'), '<!doctype html><title>Reeve</title>');
  writeFileSync(path.join(distDir, 'web', 'main-ABCD1234.js'), 'script');
  writeFileSync(path.join(distDir, 'web', 'main-ABCD1234.js.gz'), 'packed');
  reeve = await startInProcess({ distDir, hosts: ['reeve.example.org'] });
  await reeve.setUp();
});
afterAll(() => reeve.stop());

/** A request with a `Host` of one's own, which fetch does not allow. */
function ask(
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(reeve.http + path, { method, headers }, (incoming) => {
      let text = '';
      incoming.on('data', (chunk) => {
        text += chunk;
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text, headers: incoming.headers }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('the Host check', () => {
  test.each([
    '192.168.1.5',
    '192.168.1.5:8080',
    '[fd77::1]:8443',
    'localhost:8080',
    'reeve',
    'reeve.local',
    'Reeve.Local.',
    'reeve.example.org',
    'x.reeve.internal',
  ])('%s is ours', (host) => {
    expect(isOurHost(host, { hosts: ['reeve.example.org'] })).toBe(true);
  });

  test.each([
    undefined,
    '',
    'evil.example.com',
    'reeve.local.evil.com',
    'a'.repeat(300),
    'evil.com:80:80',
    '<script>',
    '$(reboot).local',
    'a b.local',
    'é.local',
    '192.168.1.5.evil.com',
  ])('%s is not', (host) => {
    expect(isOurHost(host, { hosts: [] })).toBe(false);
  });

  test('REEVE_URL names the appliance too', () => {
    expect(isOurHost('nas.example.org', { url: 'https://nas.example.org:444/x', hosts: [] })).toBe(true);
    expect(ownNames('https://nas.example.org', ['other.lan'])).toEqual(
      expect.arrayContaining(['nas.example.org', 'other.lan', 'reeve.local', 'localhost']),
    );
  });

  test('a page that rebinds its name to our address is told nothing', async () => {
    const { status, text } = await ask('/api/v1/entry', { host: 'evil.example.com' });
    expect(status).toBe(421);
    expect(JSON.parse(text)).toMatchObject({ code: 'wrong-host', detail: expect.stringContaining('REEVE_HOSTS') });
  });
});

describe('the Origin check', () => {
  test('takes our page and programs, and no other page', () => {
    expect(isOurOrigin(undefined, 'reeve.local')).toBe(true);
    expect(isOurOrigin('http://reeve.local:8080', 'reeve.local:8080')).toBe(true);
    for (const origin of ['http://reeve.local', 'null', 'http://evil.com', ''])
      expect(isOurOrigin(origin, 'reeve.local:8080')).toBe(false);
  });

  test('a form of another site changes nothing', async () => {
    for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect((await reeve.call('POST', '/api/v1/agents/tokens', {}, headers)).body).toMatchObject({
        code: 'wrong-origin',
      });
    }
  });

  test('a body that a form could send without asking is not read', async () => {
    const { status, body } = await reeve.call('POST', '/api/v1/agents/tokens', '{"name":"x"}', {
      'content-type': 'text/plain',
    });
    expect(status).toBe(400);
    expect(body.detail).toContain('application/json');
  });
});

describe('bad requests', () => {
  test('a body over the limit is refused with the limit', async () => {
    const { status, body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: 'x'.repeat(100_000) });
    expect(status).toBe(413);
    expect(body).toMatchObject({ code: 'too-large', detail: expect.stringContaining('65536') });
  });

  test.each(['{"name":', 'null', '[]', '"text"', '{"name":{"$gt":""}}', `{"name":"${'\\u0000'}"}`])(
    '%s is a clear 400',
    async (body) => {
      const answer = await reeve.call('POST', '/api/v1/agents/tokens', body);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body.instance).toBe(answer.headers.get('x-request-id'));
    },
  );

  test('prototype pollution in a body or query reaches nothing', async () => {
    await reeve.call(
      'POST',
      '/api/v1/agents/tokens',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    await reeve.call('GET', '/api/v1/hosts?__proto__[polluted]=1');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('a path that climbs out of the folder finds nothing', async () => {
    for (const climb of [
      '/../package.json',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..%2f..%2fetc/passwd',
      '/web/../../key',
      '/%00',
      '/%',
    ]) {
      const { status, text } = await ask(climb, { accept: '*/*' });
      expect(status, climb).toBeGreaterThanOrEqual(400);
      expect(status, climb).toBeLessThan(500);
      expect(text).not.toContain('root:');
    }
  });

  test('noise on the port does not disturb anybody else', async () => {
    const port = Number(new URL(reeve.http).port);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume().end('\u0000\u0001GARBAGE\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await reeve.call('GET', '/health')).status).toBe(200);
  });
});

describe('what is no request', () => {
  const noise = (url: string, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { protocol, port } = new URL(url);
      const at = { host: '127.0.0.1', port: Number(port) };
      const socket = protocol === 'https:' ? connectSecurely({ ...at, rejectUnauthorized: false }) : connect(at);
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.once('close', () => resolve(answer));
      socket.once('error', reject);
      socket.write(text);
    });
  const read = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { head, body: JSON.parse(body) };
  };

  test.each(['http', 'https'] as const)('is answered with a problem over %s, and the connection ends', async (kind) => {
    const garbage = read(await noise(reeve[kind], '\u0000\u0001GARBAGE\r\n\r\n'));
    expect(garbage.head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n.*application\/problem\+json.*Connection: close/s);
    expect(garbage.body).toMatchObject({ status: 400, code: 'invalid-request' });
    const giant = read(await noise(reeve[kind], `GET / HTTP/1.1\r\nHost: reeve\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`));
    expect(giant.head).toMatch(/^HTTP\/1.1 431 /);
    expect(giant.body).toMatchObject({ status: 431, code: 'headers-too-large' });
  });

  test('behind a good request on one connection does not get into its answer', async () => {
    const answer = await noise(reeve.http, 'GET /health HTTP/1.1\r\nHost: reeve\r\n\r\nGARBAGE\r\n\r\n');
    expect(answer.match(/HTTP\/1.1 200/g)?.length ?? 0).toBeLessThanOrEqual(1);
    const [, first = ''] = answer.split('\r\n\r\n');
    if (answer.startsWith('HTTP/1.1 200')) expect(first).toMatch(/^\{"status":"ok".*\}(?:HTTP\/1.1 400.*)?$/s);
  });
});

describe('the dashboard', () => {
  test('is served for every page, and what has a hash for ever', async () => {
    const page = await ask('/hosts/01a1fde6', { accept: 'text/html' });
    expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
    const script = await ask('/main-ABCD1234.js', { 'accept-encoding': 'gzip' });
    expect(script).toMatchObject({
      status: 200,
      text: 'packed',
      headers: { 'content-encoding': 'gzip', 'cache-control': expect.stringContaining('immutable') },
    });
    expect((await ask('/main-ABCD1234.js', {})).text).toBe('script');
  });

  test('a missing file or route is a problem, not a page', async () => {
    expect((await ask('/missing.js', { accept: 'text/html' })).status).toBe(404);
    expect((await ask('/api/v1/missing', { accept: 'text/html' })).status).toBe(404);
    expect((await reeve.call('POST', '/hosts')).status).toBe(404);
  });

  test('comes with a policy that allows no inline script and does not ask for HTTPS', async () => {
    const { headers } = await ask('/', { accept: 'text/html' });
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|upgrade-insecure/);
    expect(headers['strict-transport-security']).toBeUndefined();
  });
});

test('the root namespace of the sockets lets nobody in', async () => {
  const socket = io(reeve.http, { transports: ['websocket'], reconnection: false });
  const error = await new Promise<Error>((resolve) => void socket.on('connect_error', resolve));
  expect(error.message).toBe('nothing is here');
  socket.close();
});

describe('starting', () => {
  test('a port that is taken is named with the cure', async () => {
    const held = await holdPort(0, '0.0.0.0');
    await expect(startInProcess({ httpPort: held.port })).rejects.toThrow(StartError);
    await expect(startInProcess({ httpsPort: held.port })).rejects.toThrow(
      /taken by another program.*REEVE_HTTPS_PORT/,
    );
    await held.release();
  });

  test('a data folder that is a file is named with the cure', async () => {
    const file = path.join(temporaryDirectory(), 'data');
    writeFileSync(file, 'mine');
    await expect(startInProcess({ data: file })).rejects.toThrow(/^\S+ cannot be used: there is a file.*REEVE_DATA/);
    await expect(startInProcess({ data: path.join(file, 'below') })).rejects.toThrow(StartError);
  });

  test.runIf(process.platform === 'linux')('a data folder that cannot be made is named at once', async () => {
    await expect(startInProcess({ data: '/proc/x' })).rejects.toThrow(/^\/proc\/x\S* cannot be used: .*REEVE_DATA/);
  });

  test('a second appliance on the same data is refused', async () => {
    await expect(startInProcess({ data: reeve.data })).rejects.toThrow(StartError);
  });
});

test('a route without handler, a handler without route, and one served twice end the start', () => {
  const routes = new Routes();
  const door = {
    authenticate: async () => undefined,
    isSetUp: () => true,
    audit: () => undefined,
    log: undefined as never,
  };
  const app = { get: () => undefined } as never;
  expect(() => routes.mount(app, [health], door)).toThrow('routes without handler: health.live');
  routes.serve(health, () => ({ status: 'ok' as const, version: '', uptimeSeconds: 0 }));
  expect(() => routes.serve(health, () => ({ status: 'ok' as const, version: '', uptimeSeconds: 0 }))).toThrow(
    'served twice',
  );
  expect(() => routes.mount(app, [], door)).toThrow('handlers without route: health.live');
});
