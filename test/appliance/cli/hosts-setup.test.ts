import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { runReeve } from '../../../appliance/reeve.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { freePort, startSshd } from '../../helpers/ssh-server.ts';
import { pieces } from '../../helpers/transfer.ts';
import { keyOf, must, startWithOwner } from '../../helpers/world.ts';

async function reeve(words: string, env: NodeJS.ProcessEnv) {
  const stdout = new PassThrough();
  const read = stdout.toArray();
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const code = await runReeve(words.split(' '), env, { stdin: pieces(''), stdout, say });
  stdout.end();
  return { code, said, out: Buffer.concat(await read).toString() };
}

test('hosts setup says of each host whether it is reached, knows us, and can be audited', async () => {
  const { reeve: appliance, owner } = await startWithOwner();
  onTestFinished(() => appliance.stop());
  const apiKey = String((await keyOf(owner, appliance, { name: 'console', role: 'operator' })).headers['x-api-key']);
  const env = { REEVE_URL: appliance.http, REEVE_API_KEY: apiKey };
  expect(await reeve('hosts setup', env)).toMatchObject({
    code: 0,
    out: expect.stringContaining('No host is reached'),
  });

  const key = await must(owner.ask('POST', '/api/v1/audit-keys', { name: 'audits' }));
  const publicKey = String(key.publicKey);
  const add = async (name: string, authorize: string[], isAccepted = true) => {
    const server = await startSshd({ dir: makeDirectory(), authorize });
    onTestFinished(() => server.stop());
    const { address, port, user } = server;
    const fields = { name, address, port, user, keyId: key.id };
    const { id } = await must(owner.ask('POST', '/api/v1/audit-targets', fields));
    if (!isAccepted) return;
    await must(owner.ask('POST', `/api/v1/audit-targets/${id}/test`));
    await must(owner.ask('POST', `/api/v1/audit-targets/${id}/host-key`, { sha256: server.hostKey.sha256 }));
  };
  await add('nas', [publicKey]);
  expect(await reeve('hosts setup', env)).toMatchObject({ code: 0 });
  await add('stranger', []);
  await add('newcomer', [publicKey], false);
  const nowhere = { name: 'nowhere', address: '127.0.0.1', port: await freePort(), user: 'ada', keyId: key.id };
  await must(owner.ask('POST', '/api/v1/audit-targets', nowhere));
  const { code, out } = await reeve('hosts setup', env);
  const rows = out.split('\n').map((line) => line.split(/ {2,}/));
  const of = (name: string) => rows.find(([first]) => first === name)?.slice(2);
  expect(rows[0]).toEqual(['Host', 'Address', 'Reachable', 'Host key', 'Key accepted', 'Rights', 'Audit']);
  expect(of('nas')).toEqual(['yes', 'accepted', 'yes', process.getuid?.() === 0 ? 'root' : 'user', 'yes']);
  expect(of('stranger')).toEqual(['yes', 'accepted', 'no', '-', 'no']);
  expect(of('newcomer')).toEqual(['yes', 'to accept', '-', '-', 'no']);
  expect(of('nowhere')).toEqual(['no', '-', '-', '-', 'no']);
  expect(out).toMatch(/^newcomer: .*which nobody has accepted yet$/m);
  expect(code).toBe(1);
}, 120_000);

test('without a key, with another word, or where no appliance runs it says what to do', async () => {
  const there = { REEVE_URL: 'http://127.0.0.1:9' };
  expect(await reeve('hosts setup', there)).toMatchObject({
    ...{ code: 2, said: expect.stringContaining('REEVE_API_KEY to an API key of an operator') },
  });
  expect(await reeve('hosts show', there)).toMatchObject({
    code: 2,
    said: expect.stringContaining('no command hosts'),
  });
  const empty = { REEVE_DATA: makeDirectory(), REEVE_API_KEY: 'rvk_x' };
  expect(await reeve('hosts setup', empty)).toMatchObject({
    code: 2,
    said: expect.stringContaining('No appliance runs'),
  });
});
