import { PassThrough } from 'node:stream';
import { Secret, TOTP } from 'otpauth';
import { expect, onTestFinished, test } from 'vitest';
import { runReeve } from '../../../appliance/reeve.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { pieces } from '../../helpers/transfer.ts';
import { must, PASSWORD, party, signInAs, startWithOwner } from '../../helpers/world.ts';

async function reeve(words: readonly string[], data: string, input = '') {
  const stdout = new PassThrough();
  const read = stdout.toArray();
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const code = await runReeve(words, { REEVE_DATA: data }, { stdin: pieces(input), stdout, say });
  stdout.end();
  return { code, said, out: Buffer.concat(await read).toString() };
}

/** Data with `owner` and `ann`, an operator of the first site. */
async function madeData() {
  const data = temporaryDirectory();
  const { reeve: running, owner } = await startWithOwner({ data });
  const { siteId } = (await must(owner.ask('GET', '/api/v1/entry'))).session as { siteId: string };
  const roles = [{ siteId, role: 'operator' }];
  await must(owner.ask('POST', '/api/v1/users', { userName: 'ann', password: PASSWORD, roles }));
  await running.stop();
  return { data, owner };
}

async function started(data: string) {
  const running = await startInProcess({ data });
  onTestFinished(() => running.stop());
  const enter = async (userName: string, password: string) =>
    (await running.call('POST', '/api/v1/session', { userName, password })).status;
  return { running, enter };
}

test('accounts are listed with what they may do', async () => {
  const { data } = await madeData();
  const { code, out } = await reeve(['user', 'list'], data);
  expect({ code, out }).toEqual({ code: 0, out: 'owner: owner\nann: operator of homely\n' });
});

test('a password is made and printed, ends every session, and stands in the audit trail without itself', async () => {
  const { data, owner } = await madeData();
  const { code, out, said } = await reeve(['user', 'password', 'Owner'], data);
  expect({ code, said }).toEqual({ code: 0, said: 'owner has a new password, and is signed out everywhere.\n' });
  expect(out).toMatch(/^(?:[0-9a-z]{4}-){4}[0-9a-z]{4}\n$/);
  const { running, enter } = await started(data);
  expect((await party(running, owner).ask('GET', '/api/v1/hosts')).status).toBe(401);
  expect(await enter('owner', PASSWORD)).toBe(401);
  expect(await enter('owner', out.trim())).toBe(201);
  const trail = JSON.stringify((await running.call('GET', '/api/v1/audit-trail?site=all')).body);
  expect(trail).toContain('"who":"console"');
  expect(trail).not.toContain(out.trim());
});

test('a password comes from standard input, and is as long as any other', async () => {
  const { data } = await madeData();
  expect(await reeve(['user', 'password', 'ann', '-'], data, 'short\n')).toMatchObject({
    code: 2,
    said: expect.stringContaining('at least 10 characters'),
  });
  expect(await reeve(['user', 'password', 'ann', '-'], data, 'from the input\nrest')).toMatchObject({
    code: 0,
    out: '',
  });
  const { enter } = await started(data);
  expect(await enter('ann', 'from the input')).toBe(201);
});

test('for a lost phone the second factor goes too, and otherwise it stays', async () => {
  const data = temporaryDirectory();
  const { reeve: running, owner } = await startWithOwner({ data });
  const { secret } = await must(owner.ask('POST', '/api/v1/account/second-factor', { password: PASSWORD }));
  const code = new TOTP({ secret: Secret.fromBase32(String(secret)) }).generate();
  await must(owner.ask('POST', '/api/v1/account/second-factor/confirm', { code }));
  await running.stop();
  expect((await reeve(['user', 'list'], data)).out).toBe('owner: owner; second factor on\n');
  const kept = await reeve(['user', 'password', 'owner', '-'], data, 'another horse');
  expect(kept.said).toContain('It still asks for the second factor');
  await reeve(['user', 'password', 'owner', '-', '--no-second-factor'], data, 'another horse');
  const { enter } = await started(data);
  expect(await enter('owner', 'another horse')).toBe(201);
});

test('an account becomes an owner', async () => {
  const { data } = await madeData();
  expect((await reeve(['user', 'owner', 'ann'], data)).said).toBe('ann is an owner of the appliance now.\n');
  expect((await reeve(['user', 'owner', 'ann'], data)).said).toBe('ann is an owner already.\n');
  const { running } = await started(data);
  const ann = await signInAs(running, { userName: 'ann', role: 'owner' });
  expect((await ann.ask('GET', '/api/v1/users')).status).toBe(200);
});

test('what is wrong is named with the cure', async () => {
  const { data } = await madeData();
  expect(await reeve(['user', 'password', 'bob'], data)).toMatchObject({
    code: 2,
    said: 'There is no account bob; there are: owner, ann\n',
  });
  for (const words of [
    ['user'],
    ['user', 'drop'],
    ['user', 'password'],
    ['user', 'list', 'x'],
    ['user', 'password', 'ann', 'secret'],
    ['user', 'list', '--no-second-factor'],
  ])
    expect(await reeve(words, data), words.join(' ')).toMatchObject({
      code: 2,
      said: expect.stringContaining('reeve user list'),
    });
  const { running } = await started(data);
  expect(await reeve(['user', 'list'], running.data)).toMatchObject({
    code: 1,
    said: expect.stringContaining('stop it first'),
  });
});
