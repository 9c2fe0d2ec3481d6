import { expect, test } from 'vitest';
import { z } from 'zod';
import { MASK, masked, secretFields } from '../../../../appliance/access/trail/mask.ts';
import { routes } from '../../../../protocol/routes/index.ts';

const CANARY = 'canary-7f3a91';

test.each([
  ...[
    'password',
    'newPassword',
    'passphrase',
    'secret',
    'clientSecret',
    'token',
    'accessToken',
    'apiKey',
    'api_key',
    'key',
  ],
  ...[
    'authorization',
    'cookie',
    'Set-Cookie',
    'jwt',
    'code',
    'recoveryCodes',
    'privateKey',
    'totpSecret',
    'otp',
    'sealed',
  ],
  ...['passwordHash', 'credentials', 'pin'],
])('a value called %s is never written down, whatever its form', (name) => {
  for (const value of [CANARY, { text: CANARY }, [CANARY], { deep: [{ [name]: CANARY }] }, 123_456])
    expect(JSON.stringify(masked({ outer: { [name]: value } }))).toBe(`{"outer":{"${name}":"${MASK}"}}`);
});

test('a key, a bearer token and a password in an address are masked in the middle of a text', () => {
  const text = masked(
    `rvk_01abc_${'x'.repeat(32)} Authorization: Bearer ${CANARY} eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJ4In0.c2ln ${'smtp:'}//ann:${CANARY}@mail.example`,
  ) as string;
  expect(text).not.toMatch(/canary|eyJ|xxxx/);
  expect(text).toContain(`${'smtp:'}//ann:${MASK}@mail.example`);
});

test('ids of secrets, and whether there is one, may be told', () => {
  const told = {
    tokenId: 'ab12',
    keyId: 'k',
    keyName: 'grafana',
    password: null,
    secret: '',
    hasKey: true,
    name: 'nas',
  };
  expect(masked(told)).toEqual(told);
});

test('fields that a schema marks as secret are masked under any name', () => {
  const webhook = z.object({ target: z.object({ address: z.string().meta({ secret: true }) }) });
  const names = secretFields(routes, [webhook]);
  expect(names.has('password')).toBe(true);
  expect(masked({ address: CANARY, note: 'x' }, names)).toEqual({ address: MASK, note: 'x' });
});

test('a value that refers to itself ends', () => {
  const loop: Record<string, unknown> = { name: 'a' };
  loop.self = loop;
  expect(JSON.stringify(masked(loop)).length).toBeLessThan(500);
});
