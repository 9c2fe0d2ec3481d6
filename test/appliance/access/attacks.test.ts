import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:net';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openCertificates } from '../../../appliance/certificates.ts';
import { openKeys } from '../../../appliance/data-key.ts';
import { listen } from '../../../appliance/listen.ts';

import type { Route } from '../../../protocol/route.ts';
import { routes } from '../../../protocol/routes/index.ts';
import { EXAMPLES } from '../../helpers/examples.ts';
import type { InProcess } from '../../helpers/in-process.ts';
import { rawRequest } from '../../helpers/raw-http.ts';
import { addressOf, NEVER_IDS, sampleFor } from '../../helpers/samples.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { must, nobody, PASSWORD, type Party, signInAs, startWithOwner } from '../../helpers/world.ts';

let reeve: InProcess;
let owner: Party;
beforeAll(async () => {
  ({ reeve, owner } = await startWithOwner({ trustProxy: ['127.0.0.1'] }));
});
afterAll(() => reeve.stop());

const table: readonly Route[] = routes;
const tokenOf = ({ headers }: Party): string => headers.cookie?.replace('reeve=', '') ?? '';
const statusWith = async (token: string): Promise<number> =>
  (await nobody(reeve).ask('GET', '/api/v1/hosts', undefined, { cookie: `reeve=${token}` })).status;

describe('session fixation', () => {
  test('a session that was planted before sign-in is not taken over: each sign-in has an id of its own', async () => {
    const attacker = await signInAs(reeve, { userName: 'owner', role: 'owner' });
    const form = { userName: 'owner', password: PASSWORD };
    for (const planted of [attacker.headers.cookie ?? '', 'reeve=chosen-by-the-attacker']) {
      const { headers } = await nobody(reeve).ask('POST', '/api/v1/session', form, { cookie: planted });
      const token = headers.get('set-cookie')?.split(';')[0]?.replace('reeve=', '') ?? '';
      expect(decodeJwt(token).jti).not.toBe(decodeJwt(tokenOf(attacker)).jti);
      expect(token).not.toContain('chosen');
    }
    expect(await statusWith('chosen-by-the-attacker')).toBe(401);
  });
});

describe('a request that another page makes the browser send', () => {
  const changing = table.filter(({ method }) => method !== 'GET');
  const port = (): string => new URL(reeve.http).port;

  test.each(changing)('$id is refused, wherever the page comes from', async (route) => {
    const sample = sampleFor(route, NEVER_IDS, { example: EXAMPLES[route.id] });
    for (const foreign of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${Number(port()) + 1}` },
      { origin: `https://127.0.0.1:${port()}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const { status, body } = await owner.ask(route.method, addressOf(route, sample), sample.body ?? {}, foreign);
      expect({ status, code: body.code }, JSON.stringify(foreign)).toEqual({ status: 403, code: 'wrong-origin' });
    }
  });

  test.each(changing.filter(({ body }) => body))('$id reads no body that a form can send', async (route) => {
    const sample = sampleFor(route, NEVER_IDS, { example: EXAMPLES[route.id] });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      const { status } = await owner.ask(route.method, addressOf(route, sample), JSON.stringify(sample.body), {
        'content-type': type,
      });
      expect([400, 409], type).toContain(status); // 409: set-up is over.
    }
  });
});

describe('guessing', () => {
  const form = (password: string) => ({ userName: 'owner', password });
  const tryFrom = async (address: string, password: string): Promise<number> =>
    (await nobody(reeve).ask('POST', '/api/v1/session', form(password), { 'x-forwarded-for': address })).status;

  test('a password ends after ten tries, and the owner gets in from elsewhere all the while', async () => {
    const tries = [];
    for (let n = 0; n < 12; n++) tries.push(await tryFrom('198.51.100.7', `guess ${n}`));
    expect(tries).toEqual([...Array(10).fill(401), 429, 429]);
    expect(await tryFrom('198.51.100.7', PASSWORD), 'even the right one, from there').toBe(429);
    expect(await tryFrom('192.0.2.1', PASSWORD)).toBe(201);
  });

  test('many names from one address ends too', async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 62; n++) {
      const body = { userName: `user${n}`, password: 'x' };
      statuses.add(
        (await nobody(reeve).ask('POST', '/api/v1/session', body, { 'x-forwarded-for': '198.51.100.8' })).status,
      );
    }
    expect([...statuses]).toEqual([401, 429]);
  });

  test('an address that the client only claims to have does not help', async () => {
    const plain = await startWithOwner();
    onTestFinished(() => plain.reeve.stop());
    let last = 0;
    for (let n = 0; n < 11; n++) {
      const claimed = {
        'x-forwarded-for': `203.0.113.${n}`,
        forwarded: `for=203.0.113.${n}`,
        'x-real-ip': `203.0.113.${n}`,
      };
      last = (await nobody(plain.reeve).ask('POST', '/api/v1/session', form('guess'), claimed)).status;
    }
    expect(last).toBe(429);
  });

  test('the present password with a stolen session ends as well', async () => {
    const { siteId } = (await must(owner.ask('GET', '/api/v1/entry'))).session as { siteId: string };
    const roles = [{ siteId, role: 'viewer' }];
    await must(owner.ask('POST', '/api/v1/users', { userName: 'victim', password: PASSWORD, roles }));
    const stolen = await signInAs(reeve, { userName: 'victim', role: 'viewer' });
    const statuses = [];
    for (let n = 0; n < 11; n++)
      statuses.push(
        (await stolen.ask('PUT', '/api/v1/account/password', { current: `guess ${n}`, password: 'mine for good' }))
          .status,
      );
    expect(statuses.at(-1)).toBe(429);
    expect((await stolen.ask('POST', '/api/v1/account/second-factor', { password: PASSWORD })).status).toBe(429);
  });
});

describe('a token', () => {
  test('of another algorithm, expired, or with another session’s id opens nothing, even with the right key', async () => {
    const key = (await openKeys(reeve.data)).seal.derive('session token');
    const claims = decodeJwt(tokenOf(owner));
    const sign = (alg: string, secret: Parameters<SignJWT['sign']>[0], more = {}) =>
      new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg }).sign(secret);
    expect(await statusWith(await sign('HS256', key)), 'the test has the right key').toBe(200);
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const publicPem = publicKey.export({ type: 'spki', format: 'pem' });
    const seconds = Math.floor(Date.now() / 1_000);
    const forged = {
      'alg none': new UnsecuredJWT(claims).encode(),
      HS512: await sign('HS512', Buffer.concat([key, key])),
      RS256: await sign('RS256', createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))),
      'a public key as HMAC': await sign('HS256', Buffer.from(publicPem)),
      'an expired one': await sign('HS256', key, { exp: seconds - 1 }),
      'a session that never was': await sign('HS256', key, { jti: '01890a5d-ac96-774b-bcce-b302099a8057' }),
      'a session of the prototype': await sign('HS256', key, { jti: '__proto__' }),
    };
    for (const [what, token] of Object.entries(forged)) expect(await statusWith(token), what).toBe(401);
  });

  test('of a session that ended opens nothing, although its signature holds', async () => {
    const ended = await signInAs(reeve, { userName: 'owner', role: 'owner' });
    await must(ended.ask('DELETE', '/api/v1/session'));
    expect(await statusWith(tokenOf(ended))).toBe(401);
  });
});

test('a page that rebinds its name to our address reaches neither route nor socket', async () => {
  const { cookie = '' } = owner.headers;
  for (const host of ['evil.example', 'evil.example:8080', '127.0.0.1.evil.example']) {
    for (const path of ['/api/v1/hosts', '/', '/socket.io/?EIO=4&transport=polling'])
      expect([421, 403, 400], `${host}${path}`).toContain(
        (await rawRequest(reeve.http + path, { headers: { host, cookie } })).status,
      );
    const socket = io(`${reeve.http}/live`, {
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { host, cookie },
    });
    await new Promise((resolve) => socket.once('connect_error', resolve));
    expect(socket.connected).toBe(false);
    socket.close();
  }
});

describe('a body', () => {
  const large = `{"name":"${'x'.repeat(70_000)}"}`;

  test.each(table.filter(({ body, access }) => body && access !== 'setup'))(
    'over the limit is refused by $id',
    async (route) => {
      const path = addressOf(route, sampleFor(route, NEVER_IDS, { example: EXAMPLES[route.id] }));
      expect(await owner.ask(route.method, path, large)).toMatchObject({ status: 413, body: { code: 'too-large' } });
    },
  );

  test('is not waited for from somebody who may not call at all', async () => {
    const { port } = new URL(reeve.http);
    const socket = connect(Number(port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(
      `POST /api/v1/users HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{`,
    );
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe('a client that is slow on purpose', () => {
  const patience = { headersTimeout: 300, requestTimeout: 600, keepAliveTimeout: 300, connectionsCheckingInterval: 50 };

  /** Sends a beginning, then a byte every 50 ms, until it is cut off; answers with what came back. */
  async function drip(beginning: string): Promise<{ answer: string; ms: number }> {
    const dataDir = temporaryDirectory();
    const { seal } = await openKeys(dataDir);
    const certificates = await openCertificates({
      ...{ dataDir, seal, applianceId: 'a', names: ['localhost'], now: Date.now(), mayBegin: true },
    });
    const listeners = await listen(
      (request, response) => void request.resume().on('end', () => response.end('done')),
      certificates,
      {
        ...{ http: 0, https: 0, patience },
      },
    );
    onTestFinished(() => listeners.close());
    const startedAt = performance.now();
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(listeners.httpPort, '127.0.0.1');
      const timer = setInterval(() => socket.write('a'), 50);
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(timer);
        resolve({ answer, ms: performance.now() - startedAt });
      });
      socket.write(beginning);
    });
  }

  test('with its headers is cut off', async () => {
    const { answer, ms } = await drip('GET / HTTP/1.1\r\nHost: reeve\r\nX-Slow: ');
    expect(answer).toMatch(/^HTTP\/1.1 408 .*too-slow/s);
    expect(ms).toBeLessThan(5_000);
  });

  test('with its body is cut off', async () => {
    const { answer, ms } = await drip('POST / HTTP/1.1\r\nHost: reeve\r\nContent-Length: 100000\r\n\r\n');
    expect(answer).not.toContain('done');
    expect(ms).toBeLessThan(5_000);
  });
});
