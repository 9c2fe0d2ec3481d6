import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyRecords } from '../../../appliance/access/documents.ts';
import { Keys } from '../../../appliance/access/keys.ts';
import type { Logger } from '../../../appliance/log.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { keyOf, must, nobody, PASSWORD, type Party, party, signInAs, startWithOwner } from '../../helpers/world.ts';

let reeve: InProcess;
let owner: Party;
beforeAll(async () => {
  ({ reeve, owner } = await startWithOwner());
});
afterAll(() => reeve.stop());

const list = async () => (await must(owner.ask('GET', '/api/v1/keys'))).items as Record<string, unknown>[];
const textOf = (key: Party): string => key.headers['x-api-key'] ?? '';

test('a key is shown once, kept as a hash, and says when and whence it was used', async () => {
  const key = await keyOf(owner, reeve, { name: 'metrics', role: 'viewer' });
  expect(textOf(key)).toMatch(/^rvk_[0-9A-HJKMNP-TV-Z]{26}_[0-9A-HJKMNP-TV-Z]{32}$/);
  const [, , secret = ''] = textOf(key).split('_');
  expect((await list()).find(({ id }) => id === key.id)).not.toHaveProperty('lastUsedAt');
  expect((await key.ask('GET', '/api/v1/entry')).body).toMatchObject({
    session: { kind: 'key', userName: 'metrics', role: 'viewer', userId: key.id },
  });
  const shown = (await list()).find(({ id }) => id === key.id);
  expect(shown).toMatchObject({ createdBy: 'owner', lastUsedFrom: '127.0.0.1', lastUsedAt: expect.any(Number) });
  expect(JSON.stringify(shown)).not.toContain(secret);
  expect(readFileSync(path.join(reeve.data, 'docs', 'keys.db'), 'utf8')).not.toContain(secret);
});

test('it comes as X-API-Key or bearer; a wrong one beside a good cookie opens nothing', async () => {
  const text = textOf(await keyOf(owner, reeve, { name: 'both ways', role: 'viewer' }));
  const status = async (headers: Record<string, string>) =>
    (await nobody(reeve).ask('GET', '/api/v1/hosts', undefined, headers)).status;
  const { cookie = '' } = owner.headers;
  expect(await status({ 'x-api-key': text })).toBe(200);
  expect(await status({ authorization: `Bearer ${text}` })).toBe(200);
  expect(await status({ authorization: `bearer  ${text}`, 'x-api-key': text })).toBe(200);
  expect(await status({ authorization: `Bearer ${cookie.replace('reeve=', '')}` })).toBe(200);
  expect(await status({ cookie, authorization: 'Basic b3duZXI6eA==' })).toBe(200);
  for (const wrong of [
    `${text}0`,
    text.slice(0, -1),
    text.toLowerCase(),
    `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`,
    '',
  ]) {
    expect(await status({ cookie, 'x-api-key': wrong }), wrong).toBe(401);
    expect(await status({ cookie, authorization: `Bearer ${wrong}` }), wrong).toBe(401);
  }
  expect(await status({ 'x-api-key': text, authorization: 'Bearer other' })).toBe(401);
  expect(await status({ 'x-api-key': `${text}, ${text}` })).toBe(401);
});

test('it may do at most what its maker may, now and later, and nothing that is a person’s own', async () => {
  const { siteId } = (await must(owner.ask('GET', '/api/v1/entry'))).session as { siteId: string };
  const roles = [{ siteId, role: 'admin' }];
  const made = await must(owner.ask('POST', '/api/v1/users', { userName: 'ann', password: PASSWORD, roles }));
  const ann = await signInAs(reeve, { userName: 'ann', role: 'admin' });
  expect((await ann.ask('POST', '/api/v1/keys', { name: 'more', role: 'owner' })).body).toMatchObject({
    errors: [{ path: 'body.role' }],
  });
  const key = await keyOf(ann, reeve, { name: 'of ann', role: 'admin' });
  expect((await key.ask('GET', '/api/v1/keys')).status).toBe(200);
  for (const [method, at, body] of [
    ['POST', '/api/v1/keys', { name: 'child' }],
    ['GET', '/api/v1/sessions'],
    ['GET', '/api/v1/account'],
    ['PUT', '/api/v1/session/site', { siteId }],
  ] as const)
    expect((await key.ask(method, at, body)).status, at).toBe(403);
  await must(owner.ask('PATCH', `/api/v1/members/${made.id}`, { was: 'admin', role: 'viewer' }));
  expect((await key.ask('GET', '/api/v1/entry')).body).toMatchObject({ session: { role: 'viewer' } });
  expect((await key.ask('GET', '/api/v1/keys')).status).toBe(403);
});

test('it ends at once when it is removed', async () => {
  const lasting = await keyOf(owner, reeve, { name: 'lasting', role: 'viewer' });
  await must(owner.ask('DELETE', `/api/v1/keys/${lasting.id}`));
  expect((await lasting.ask('GET', '/api/v1/hosts')).status).toBe(401);
});

test('it ends when it expires; its use is saved hourly, and each new address is told', async () => {
  const documents = await openDocumentStore({ dir: temporaryDirectory(), log: keepingLog() });
  const records = await documents.collection(keyRecords);
  const places: string[] = [];
  const parts = {
    records,
    log: keepingLog() as unknown as Logger,
    makersRole: () => 'owner' as const,
    allowed: <R>(role: R) => role,
    onNewPlace: (_: unknown, from: string) => void places.push(from),
  };
  const keys = await Keys.open(parts);
  const form = { siteId: 's', userId: 'u', name: 'k', role: 'viewer' as const };
  const { text, record } = await keys.add({ ...form, expiresAt: 100_000_000 }, 1_000);
  expect(keys.verify(text, 'a', 99_999_999)).toMatchObject({ kind: 'key', siteId: 's', expiresAt: 100_000_000 });
  expect(keys.verify(text, 'a', 100_000_000)).toBeUndefined();
  await keys.settled();
  const { rev } = (await records.get(record.id)) ?? {};
  for (let n = 0; n < 20; n++) keys.verify(text, 'a', 99_999_999);
  await keys.settled();
  expect((await records.get(record.id))?.rev, 'nothing is written within the hour').toBe(rev);
  for (const from of ['b', 'a', 'b']) keys.verify(text, from, 99_999_999);
  expect(places).toEqual(['a', 'b']);
  await keys.settled();
  await documents.close();
});

test('it works after a restart, and is renamed by revision', async () => {
  const key = await keyOf(owner, reeve, { name: 'stays', role: 'viewer' });
  const { rev } = (await list()).find(({ id }) => id === key.id) ?? {};
  expect((await must(owner.ask('PATCH', `/api/v1/keys/${key.id}`, { rev, name: 'renamed' }))).name).toBe('renamed');
  expect((await owner.ask('PATCH', `/api/v1/keys/${key.id}`, { rev, name: 'twice' })).status).toBe(409);
  await reeve.appliance.stop();
  const again = await startInProcess({ data: reeve.data });
  try {
    expect((await party(again, key).ask('GET', '/api/v1/hosts')).status).toBe(200);
  } finally {
    await again.stop();
    reeve = await startInProcess({ data: reeve.data });
  }
});
