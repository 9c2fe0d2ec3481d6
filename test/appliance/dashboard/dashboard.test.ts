import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const PREFERENCES = '/api/v1/account/preferences';
const ONBOARDING = '/api/v1/onboarding';

let bench: InProcess | undefined;
afterEach(() => bench?.stop());
async function started(data?: string): Promise<InProcess> {
  bench = await startInProcess(data ? { data } : {});
  return bench;
}

describe('preferences', () => {
  test('are empty at first, and after a restart what was chosen', async () => {
    const data = temporaryDirectory();
    const first = await started(data);
    await first.setUp();
    expect((await first.call('GET', PREFERENCES)).body).toEqual({});
    const chosen = { theme: 'light', fleetView: 'table', fleetSort: '-cpu' };
    expect((await first.call('PUT', PREFERENCES, chosen)).body).toEqual(chosen);
    const cookie = first.cookie();
    await first.stop();
    const second = await started(data);
    expect((await second.call('GET', PREFERENCES, undefined, { cookie })).body).toEqual(chosen);
  });

  test('stand in a readable file', async () => {
    const { setUp, call, data } = await started();
    const { userId } = await setUp();
    await call('PUT', PREFERENCES, { theme: 'dark' });
    const text = readFileSync(join(data, 'docs', 'preferences.db'), 'utf8');
    expect(text).toContain('"value":{"theme":"dark"}');
    expect(text).toContain(userId);
  });

  test('two changes at once leave one of them, and no failure', async () => {
    const { setUp, call } = await started();
    await setUp();
    const answers = await Promise.all(['dark', 'light'].map((theme) => call('PUT', PREFERENCES, { theme })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await call('GET', PREFERENCES)).body.theme).toMatch(/dark|light/);
  });

  test.each([
    ['an unknown field', { colour: 'red' }],
    ['a value that is no choice', { theme: 'pink' }],
    ['a long text', { fleetSort: 'x'.repeat(81) }],
    ['no object', [1]],
    ['a prototype', JSON.parse('{"__proto__": {"theme": "dark"}, "constructor": 1}')],
  ])('%s is refused and changes nothing', async (_what, body) => {
    const { setUp, call } = await started();
    await setUp();
    await call('PUT', PREFERENCES, { theme: 'dark' });
    expect((await call('PUT', PREFERENCES, body)).status).toBe(400);
    expect((await call('GET', PREFERENCES)).body).toEqual({ theme: 'dark' });
  });

  test('a body beyond the limit is refused', async () => {
    const { setUp, call } = await started();
    await setUp();
    expect((await call('PUT', PREFERENCES, { fleetSort: 'x'.repeat(70_000) })).status).toBe(413);
  });

  test('are for nobody who is not signed in', async () => {
    const { setUp, call, forgetCookie } = await started();
    await setUp();
    forgetCookie();
    expect((await call('GET', PREFERENCES)).status).toBe(401);
  });
});

describe('setting up', () => {
  test('a code is checked before the owner is made, and no longer after', async () => {
    const { setUp, call, setupCode } = await started();
    const check = async (code: string) => (await call('POST', '/api/v1/setup/code', { code })).body.code;
    expect(await check('AAAAAAAAAAAAAAAAAAAAAA')).toBe('wrong-credentials');
    expect((await call('POST', '/api/v1/setup/code', { code: setupCode })).status).toBe(204);
    await setUp();
    expect(await check(setupCode)).toBe('already-set-up');
  });

  test('guessing codes is limited', async () => {
    const { call } = await started();
    const answers = [];
    for (let guess = 0; guess < 12; guess++)
      answers.push((await call('POST', '/api/v1/setup/code', { code: `${guess}` })).status);
    expect(answers.at(-1)).toBe(429);
  });

  test('begins after the owner with the site, and what comes next is remembered over a restart', async () => {
    const data = temporaryDirectory();
    const first = await started(data);
    await first.setUp();
    expect((await first.call('GET', ONBOARDING)).body).toEqual({ step: 'site' });
    expect((await first.call('PUT', ONBOARDING, { step: 'host' })).status).toBe(200);
    const cookie = first.cookie();
    await first.stop();
    const second = await started(data);
    expect((await second.call('GET', ONBOARDING, undefined, { cookie })).body).toEqual({ step: 'host' });
    expect((await second.call('PUT', ONBOARDING, { step: 'owner' }, { cookie })).status).toBe(400);
  });
});
