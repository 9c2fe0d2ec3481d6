import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signToken, Tokens } from '../../../appliance/access/token.ts';

const key = Buffer.alloc(32, 7);
const now = Date.UTC(2026, 0, 1);
const exp = now / 1_000 + 60;
const claims = { jti: 'session', sub: 'user', iat: now / 1_000, exp };
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a session token', () => {
  test('is a JWT to others, and theirs is one to us', async () => {
    const { payload } = await jwtVerify(signToken(claims, key), key, { currentDate: new Date(now) });
    expect(payload).toEqual(claims);
    const theirs = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key);
    expect(new Tokens(key).verify(theirs, now)).toBe('session');
  });

  test('opens nothing when it has expired', () => {
    const tokens = new Tokens(key);
    const token = signToken(claims, key);
    expect(tokens.verify(token, exp * 1_000 - 1)).toBe('session');
    expect(tokens.verify(token, exp * 1_000)).toBeUndefined();
    expect(new Tokens(key).verify(token, exp * 1_000)).toBeUndefined();
  });

  test('of another algorithm is not believed, even when signed with the key', async () => {
    const other = await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(Buffer.alloc(64, 7));
    expect(new Tokens(Buffer.alloc(64, 7)).verify(other, now)).toBeUndefined();
    expect(new Tokens(key).verify(`${encoded({ alg: 'none' })}.${encoded(claims)}.`, now)).toBeUndefined();
  });

  test('is believed only as it was made, also after it was shown', () => {
    const tokens = new Tokens(key);
    const token = signToken(claims, key);
    for (let time = 0; time < 3; time++) expect(tokens.verify(token, now)).toBe('session');
    expect(new Tokens(Buffer.alloc(32, 8)).verify(token, now)).toBeUndefined();
    const [head, body = '', signature = ''] = token.split('.');
    const other = encoded({ ...claims, jti: 'other' });
    const forged = ['', '.', '..', `${head}.`, `${head}.${body}`, `${head}.${body}.`, `${head}.${other}.${signature}`];
    for (const each of [...forged, `${token}A`, `${token}=`, token.slice(0, -1), `${head}.${signature}`])
      expect(tokens.verify(each, now), each).toBeUndefined();
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(tokens.verify(changed, now), changed).toBeUndefined();
    }
  });
});
