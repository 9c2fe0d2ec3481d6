import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signToken, verifyToken } from '../../../appliance/access/token.ts';

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
    expect(verifyToken(theirs, key, now)).toBe('session');
  });

  test('opens nothing when it has expired', () => {
    const token = signToken(claims, key);
    expect(verifyToken(token, key, exp * 1_000 - 1)).toBe('session');
    expect(verifyToken(token, key, exp * 1_000)).toBeUndefined();
  });

  test('of another algorithm is not believed, even when signed with the key', async () => {
    const other = await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(Buffer.alloc(64, 7));
    expect(verifyToken(other, Buffer.alloc(64, 7), now)).toBeUndefined();
    expect(verifyToken(`${encoded({ alg: 'none' })}.${encoded(claims)}.`, key, now)).toBeUndefined();
  });

  test('is believed only as it was made', () => {
    const token = signToken(claims, key);
    const [head, body = '', signature = ''] = token.split('.');
    const other = encoded({ ...claims, jti: 'other' });
    const forged = ['', '.', '..', `${head}.`, `${head}.${body}`, `${head}.${body}.`, `${head}.${other}.${signature}`];
    for (const each of [...forged, `${token}A`, `${token}=`, token.slice(0, -1), `${head}.${signature}`])
      expect(verifyToken(each, key, now), each).toBeUndefined();
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(verifyToken(changed, key, now), changed).toBeUndefined();
    }
  });
});
