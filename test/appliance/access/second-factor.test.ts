import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { LockOut } from '../../../appliance/access/lock-out.ts';
import { SecondFactors } from '../../../appliance/access/second-factor.ts';
import { Users } from '../../../appliance/access/users.ts';
import { sealWith } from '../../../appliance/seal.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import type { InProcess } from '../../helpers/in-process.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { must, nobody, PASSWORD, type Party, signInAs, startWithOwner } from '../../helpers/world.ts';

let reeve: InProcess;
let owner: Party;
beforeAll(async () => {
  ({ reeve, owner } = await startWithOwner());
});
afterAll(() => reeve.stop());

const appOf = (secret: string) => new TOTP({ secret: Secret.fromBase32(secret) });
const signIn = async (userName: string, code?: string) => {
  const { status, body } = await nobody(reeve).ask('POST', '/api/v1/session', {
    userName,
    password: PASSWORD,
    ...(code && { code }),
  });
  return status === 201 ? 'in' : body.code;
};

test('is switched on by a code, asked for at sign-in, and off by the password', async () => {
  const begin = (password: string) => owner.ask('POST', '/api/v1/account/second-factor', { password });
  expect((await begin('not this one')).body).toMatchObject({ code: 'wrong-credentials' });
  const { secret, uri } = await must(begin(PASSWORD));
  expect(uri).toBe(`otpauth://totp/Reeve:owner?issuer=Reeve&secret=${secret}&algorithm=SHA1&digits=6&period=30`);
  const app = appOf(String(secret));
  expect(await signIn('owner'), 'nothing is on before a code has come').toBe('in');
  const confirm = (code: string) => owner.ask('POST', '/api/v1/account/second-factor/confirm', { code });
  expect((await confirm('000000')).body).toMatchObject({ code: 'wrong-credentials' });
  const now = Date.now();
  const { recoveryCodes } = (await must(confirm(app.generate({ timestamp: now - 30_000 })))) as {
    recoveryCodes: string[];
  };
  expect(new Set(recoveryCodes).size).toBe(10);
  expect(await signIn('owner')).toBe('second-factor-required');
  expect(await signIn('owner', '000000')).toBe('wrong-credentials');
  const code = app.generate({ timestamp: now });
  expect(await signIn('owner', `${code.slice(0, 3)} ${code.slice(3)}`)).toBe('in');
  expect(await signIn('owner', code), 'a code is good once').toBe('wrong-credentials');
  const [first = '', second = ''] = recoveryCodes;
  expect(await signIn('owner', first.toLowerCase().replaceAll('-', ' '))).toBe('in');
  expect(await signIn('owner', first), 'and so is a recovery code').toBe('wrong-credentials');
  expect(await Promise.all([signIn('owner', second), signIn('owner', second)])).toEqual(
    expect.arrayContaining(['in', 'wrong-credentials']),
  );
  expect((await owner.ask('GET', '/api/v1/account')).body).toMatchObject({
    secondFactor: { isOn: true, recoveryCodesLeft: 8 },
  });
  expect((await begin(PASSWORD)).body).toMatchObject({ code: 'conflict' });
  const remove = (password: string) => owner.ask('POST', '/api/v1/account/second-factor/remove', { password });
  expect((await remove('not this one')).status).toBe(401);
  expect((await remove(PASSWORD)).status).toBe(204);
  expect(await signIn('owner')).toBe('in');
});

test('of somebody who lost it is taken off by an owner', async () => {
  const { siteId } = (await must(owner.ask('GET', '/api/v1/entry'))).session as { siteId: string };
  const roles = [{ siteId, role: 'viewer' }];
  const { id } = await must(owner.ask('POST', '/api/v1/users', { userName: 'ann', password: PASSWORD, roles }));
  const ann = await signInAs(reeve, { userName: 'ann', role: 'viewer' });
  const { secret } = await must(ann.ask('POST', '/api/v1/account/second-factor', { password: PASSWORD }));
  await must(ann.ask('POST', '/api/v1/account/second-factor/confirm', { code: appOf(String(secret)).generate() }));
  expect((await owner.ask('GET', `/api/v1/users/${id}`)).body).toMatchObject({ hasSecondFactor: true });
  expect(await signIn('ann')).toBe('second-factor-required');
  await must(owner.ask('DELETE', `/api/v1/users/${id}/second-factor`));
  expect(await signIn('ann')).toBe('in');
});

test('takes codes of RFC 6238 one step to either side, and no older or newer ones', async () => {
  const documents = await openDocumentStore({ dir: temporaryDirectory(), log: keepingLog() });
  const users = await Users.open(documents);
  const factors = new SecondFactors(users, sealWith(Buffer.alloc(32, 1)));
  const now = 1_800_000_015_000;
  const account = { siteId: 's', userName: 'a', passwordHash: 'h', roles: [], isOwner: true };
  const { id } = await users.add(account, now);
  const app = appOf(factors.begin(users.need(id), now).secret);
  await factors.confirm(users.need(id), app.generate({ timestamp: now }), now);
  const later = now + 3_600_000;
  const take = (atMs: number) =>
    factors.take(users.need(id), app.generate({ timestamp: later + atMs }), { now: later, digitsCount: true });
  expect(await take(-60_000)).toBeUndefined();
  expect(await take(60_000)).toBeUndefined();
  expect(await take(-30_000)).toBe('app');
  expect(await take(0)).toBe('app');
  expect(await take(30_000)).toBe('app');
  expect(await take(0), 'older than the last that was taken').toBeUndefined();
  expect(JSON.stringify(users.need(id))).not.toContain(app.secret.base32);
  expect(() => factors.begin(users.need(id), now)).toThrow('switched on already');
  await documents.close();
});

test('a secret that nobody confirmed is forgotten after ten minutes', async () => {
  const documents = await openDocumentStore({ dir: temporaryDirectory(), log: keepingLog() });
  const users = await Users.open(documents);
  const factors = new SecondFactors(users, sealWith(Buffer.alloc(32, 1)));
  const account = { siteId: 's', userName: 'a', passwordHash: 'h', roles: [], isOwner: true };
  const user = await users.add(account, 0);
  const { secret, expiresAt } = factors.begin(user, 0);
  const code = appOf(secret).generate({ timestamp: expiresAt });
  await expect(factors.confirm(user, code, expiresAt)).rejects.toThrow('Begin again');
  await documents.close();
});

test('tries are counted by name and address together, by address, and codes by account', () => {
  const lockOut = new LockOut();
  const attacker = '198.51.100.7';
  for (let n = 0; n < 10; n++) lockOut.take('owner', attacker, 0);
  expect(() => lockOut.take('owner', attacker, 0)).toThrow('wait five minutes');
  expect(() => lockOut.take('owner', '192.0.2.1', 0), 'the owner, elsewhere').not.toThrow();
  expect(() => lockOut.take('other', attacker, 0)).not.toThrow();
  for (let n = 0; n < 48; n++) lockOut.take(`name${n}`, attacker, 0);
  expect(() => lockOut.take('fresh', attacker, 0), 'whatever the names').toThrow();
  expect(() => lockOut.take('owner', attacker, 300_000), 'after five minutes').not.toThrow();
  for (let n = 0; n < 10; n++) lockOut.take('six', `2001:db8:1:1::${n}`, 0);
  expect(() => lockOut.take('six', '2001:db8:1:1:ffff::1', 0), 'a /64 is one sender').toThrow();
  expect(Array.from({ length: 51 }, () => lockOut.takeCode('user', 0)).filter(Boolean)).toHaveLength(50);
  expect(lockOut.takeCode('other', 0)).toBe(true);
  expect(lockOut.takeCode('user', 3_600_000)).toBe(true);
});

/** An account with a second factor on an appliance behind a proxy, so that a test can come from many places. */
async function guessed(userName: string) {
  const proxied = await startWithOwner({ trustProxy: ['127.0.0.1'] });
  onTestFinished(() => proxied.reeve.stop());
  const { siteId } = (await must(proxied.owner.ask('GET', '/api/v1/entry'))).session as { siteId: string };
  const roles = [{ siteId, role: 'viewer' }];
  await must(proxied.owner.ask('POST', '/api/v1/users', { userName, password: PASSWORD, roles }));
  const person = await signInAs(proxied.reeve, { userName, role: 'viewer' });
  const { secret } = await must(person.ask('POST', '/api/v1/account/second-factor', { password: PASSWORD }));
  const app = appOf(String(secret));
  const first = app.generate({ timestamp: Date.now() - 30_000 });
  const confirmed = await must(person.ask('POST', '/api/v1/account/second-factor/confirm', { code: first }));
  const [recovery = ''] = confirmed.recoveryCodes as string[];
  /** With the right password: only the code is guessed. */
  const tryCode = async (from: string, code: string): Promise<string> => {
    const form = { userName, password: PASSWORD, code };
    const answer = await nobody(proxied.reeve).ask('POST', '/api/v1/session', form, { 'x-forwarded-for': from });
    return answer.status === 201 ? 'in' : `${answer.status} ${answer.body.code}`;
  };
  const wrong = (n: number): string => {
    const code = String(100_000 + n);
    const isNear = [-30_000, 0, 30_000].some((ms) => app.generate({ timestamp: Date.now() + ms }) === code);
    return isNear ? '999999' : code;
  };
  return { app, recovery, tryCode, wrong };
}

test('guessing codes over HTTP ends after ten tries from one place, the right code included', async () => {
  const { app, tryCode, wrong } = await guessed('bob');
  const said: string[] = [];
  for (let n = 0; n < 10; n++) said.push(await tryCode('198.51.100.7', wrong(n)));
  expect(new Set(said)).toEqual(new Set(['401 wrong-credentials']));
  expect(await tryCode('198.51.100.7', app.generate())).toBe('429 too-many-requests');
  expect(await tryCode('203.0.113.9', app.generate()), 'the person, from elsewhere').toBe('in');
}, 60_000);

test('from many places it ends after fifty codes in an hour, and a recovery code still opens', async () => {
  const { app, recovery, tryCode, wrong } = await guessed('eve');
  const said: string[] = [];
  for (let n = 0; n < 50; n++) said.push(await tryCode(`198.51.100.${n + 1}`, wrong(n)));
  expect(new Set(said)).toEqual(new Set(['401 wrong-credentials']));
  expect(await tryCode('203.0.113.1', app.generate())).toBe('429 too-many-requests');
  expect(await tryCode('203.0.113.2', recovery)).toBe('in');
}, 120_000);
