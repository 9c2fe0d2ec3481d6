import { rmSync } from 'node:fs';
import path from 'node:path';
import { decodeJwt, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';

let reeve: InProcess;
beforeEach(async () => {
  reeve = await startInProcess();
});
afterEach(() => reeve.stop());

const owner = { userName: 'owner', password: 'correct horse' };

/** Another appliance on this address, with another port, set a cookie of the same name. */
test('of several session cookies the right one counts, in any place, among a bounded number', async () => {
  await reeve.setUp();
  const right = reeve.cookie();
  const wrong = (count: number) => Array.from({ length: count }, (_, n) => `reeve=wrong${n}`);
  const statusWith = async (cookies: string[]) =>
    (await reeve.call('GET', '/api/v1/hosts', undefined, { cookie: cookies.join('; ') })).status;
  expect(await statusWith([...wrong(1), right])).toBe(200);
  expect(await statusWith([right, ...wrong(1)])).toBe(200);
  expect(await statusWith(['reeve=', ' reeve= ', ...wrong(7), right])).toBe(200);
  expect(await statusWith([...wrong(500), right])).toBe(401);
  expect(await statusWith(wrong(2))).toBe(401);
});

describe('before there is an owner', () => {
  test('only health, entry, forms and set-up answer', async () => {
    for (const path of ['/health', '/health/ready', '/api/v1/entry', '/api/v1/forms/owner']) {
      expect((await reeve.call('GET', path)).status, path).toBe(200);
    }
    for (const path of ['/api/v1/hosts', '/api/v1/agents', '/agent.cjs']) {
      expect((await reeve.call('GET', path)).body, path).toMatchObject({ code: 'setup-required', status: 409 });
    }
    expect((await reeve.call('POST', '/api/v1/pairing/start', {})).body).toMatchObject({ code: 'setup-required' });
  });

  test('nobody becomes the owner without the code, and ten wrong ones a minute are all', async () => {
    const form = { ...owner, code: 'guess' };
    const answers = [];
    for (let n = 0; n < 12; n++) answers.push((await reeve.call('POST', '/api/v1/setup/owner', form)).status);
    expect(answers.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(answers.slice(10)).toEqual([429, 429]);
    expect((await reeve.call('GET', '/api/v1/entry')).body).toMatchObject({ setUp: false });
  });

  test('the code is 128 bit, on the console only, and new at each start', async () => {
    expect(Buffer.from(reeve.setupCode, 'base64url').length).toBe(16);
    const other = await startInProcess();
    expect(other.setupCode).not.toBe(reeve.setupCode);
    await other.stop();
  });

  test('two who have the code at once do not both become owner', async () => {
    const form = { ...owner, code: reeve.setupCode };
    const statuses = await Promise.all(
      [1, 2, 3].map(async () => (await reeve.call('POST', '/api/v1/setup/owner', form)).status),
    );
    expect(statuses.sort()).toEqual([201, 409, 409]);
  });

  test('every wrong field is named with its cure', async () => {
    const { status, body } = await reeve.call('POST', '/api/v1/setup/owner', {
      code: '',
      userName: 'a b',
      password: 'short',
      siteName: 'x'.repeat(65),
    });
    expect(status).toBe(400);
    const paths = (body.errors as { path: string; message: string }[]).map(({ path }) => path);
    expect(paths.sort()).toEqual(['body.code', 'body.password', 'body.siteName', 'body.userName']);
  });
});

describe('the session', () => {
  test('opens with the owner and ends on the appliance when signing out', async () => {
    const session = await reeve.setUp();
    expect(session).toMatchObject({ userName: 'owner', role: 'owner', siteName: 'Home' });
    const stolen = reeve.cookie();
    expect((await reeve.call('GET', '/api/v1/hosts')).status).toBe(200);
    expect((await reeve.call('DELETE', '/api/v1/session')).status).toBe(204);
    expect((await reeve.call('GET', '/api/v1/hosts', undefined, { cookie: stolen })).status).toBe(401);
  });

  test('is a cookie that scripts and other sites cannot use', async () => {
    await reeve.setUp();
    const { headers } = await reeve.call('POST', '/api/v1/session', owner);
    expect(headers.get('set-cookie')).toMatch(/^reeve=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/);
  });

  test('and everything else survive the loss of the site’s document', async () => {
    const { siteId } = await reeve.setUp();
    const cookie = reeve.cookie();
    await reeve.appliance.stop();
    rmSync(path.join(reeve.data, 'docs', 'sites.db'));
    const again = await startInProcess({ data: reeve.data });
    expect((await again.call('GET', '/api/v1/entry', undefined, { cookie })).body).toMatchObject({
      setUp: true,
      session: { siteId },
    });
    await again.stop();
  });

  test('survives a restart of the appliance', async () => {
    await reeve.setUp();
    const cookie = reeve.cookie();
    await reeve.appliance.stop();
    const again = await startInProcess({ data: reeve.data });
    expect((await again.call('GET', '/api/v1/hosts', undefined, { cookie })).status).toBe(200);
    expect(again.printed.join('')).not.toContain('code=');
    await again.stop();
  });

  test.each([
    ['no signature', (token: string) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['alg none', (token: string) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`],
    [
      'a changed user',
      (token: string) =>
        [token.split('.')[0], Buffer.from('{"sub":"admin","jti":"x"}').toString('base64url'), token.split('.')[2]].join(
          '.',
        ),
    ],
    ['nothing', () => ''],
    ['noise', () => 'a.b.c'],
    ['length', () => 'x'.repeat(7_000)],
  ])('with %s is not believed', async (_what, forge) => {
    await reeve.setUp();
    const token = reeve.cookie().replace('reeve=', '');
    expect((await reeve.call('GET', '/api/v1/hosts', undefined, { cookie: `reeve=${forge(token)}` })).status).toBe(401);
  });

  test('signed with another key is not believed, however right it looks', async () => {
    await reeve.setUp();
    const claims = decodeJwt(reeve.cookie().replace('reeve=', ''));
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32));
    expect((await reeve.call('GET', '/api/v1/hosts', undefined, { cookie: `reeve=${forged}` })).status).toBe(401);
  });
});

describe('signing in', () => {
  test('needs the right password, and says the same for an unknown name', async () => {
    await reeve.setUp();
    reeve.forgetCookie();
    const wrong = await reeve.call('POST', '/api/v1/session', { ...owner, password: 'wrong' });
    const unknown = await reeve.call('POST', '/api/v1/session', { userName: 'nobody', password: 'wrong' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body.detail).toBe(unknown.body.detail);
    expect((await reeve.call('POST', '/api/v1/session', owner)).status).toBe(201);
  });

  test('is limited per name and address', async () => {
    await reeve.setUp();
    reeve.forgetCookie();
    const statuses = [];
    for (let n = 0; n < 11; n++)
      statuses.push((await reeve.call('POST', '/api/v1/session', { userName: 'victim', password: 'x' })).status);
    expect(statuses.at(-1)).toBe(429);
    expect((await reeve.call('POST', '/api/v1/session', owner)).status).toBe(201);
  });

  test('operators that would change the meaning of a look-up are just wrong names', async () => {
    await reeve.setUp();
    for (const userName of [{ $gt: '' }, ['owner'], { $regex: '.*' }, null]) {
      expect((await reeve.call('POST', '/api/v1/session', { userName, password: 'x' })).status).toBe(400);
    }
  });
});
