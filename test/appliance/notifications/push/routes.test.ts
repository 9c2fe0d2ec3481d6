import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InProcess } from '../../../helpers/in-process.ts';
import { TestBrowser } from '../../../helpers/push-browser.ts';
import { until } from '../../../helpers/until.ts';
import { must, PASSWORD, type Party, signInAs, startWithOwner } from '../../../helpers/world.ts';

let reeve: InProcess;
let owner: Party;
let browser: TestBrowser;
let siteId = '';
beforeAll(async () => {
  ({ reeve, owner } = await startWithOwner());
  browser = await TestBrowser.make();
  const { session } = await must(owner.ask('GET', '/api/v1/entry'));
  ({ siteId } = session as { siteId: string });
}, 60_000);
afterAll(() => reeve?.stop());

const ENDPOINT = 'https://updates.push.services.mozilla.com/wpush/v2/secret-address';
const add = (who: Party, endpoint = ENDPOINT) =>
  who.ask('POST', '/api/v1/account/push/browsers', browser.subscription(endpoint), { 'user-agent': 'Firefox' });
const read = async (who: Party) =>
  (await must(who.ask('GET', '/api/v1/account/push'))) as unknown as {
    publicKey: string;
    isOffered: boolean;
    items: { id: string; mark: string; browser: string }[];
  };

async function newUser(userName: string): Promise<{ id: string; person: Party }> {
  const roles = [{ siteId, role: 'viewer' }];
  const { id } = await must(owner.ask('POST', '/api/v1/users', { userName, password: PASSWORD, roles }));
  return { id: String(id), person: await signInAs(reeve, { userName, role: 'viewer' }) };
}

test('nothing is offered until an admin sets the channel up', async () => {
  expect(await read(owner)).toMatchObject({ isOffered: false, items: [] });
  const channel = { kind: 'push', name: 'Browsers', isEnabled: true, value: { contact: 'ann@example.org' } };
  await must(owner.ask('POST', '/api/v1/notification-channels', channel));
  const { isOffered, publicKey } = await read(owner);
  expect(isOffered).toBe(true);
  expect(Buffer.from(publicKey, 'base64url')).toHaveLength(65);
});

test('a browser is listed by a mark that it knows itself by, and its address is shown to nobody', async () => {
  const made = await must(add(owner));
  const { items } = await read(owner);
  expect(items).toEqual([made]);
  expect(made).toMatchObject({ browser: 'Firefox', mark: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(JSON.stringify(items)).not.toContain('secret-address');
  await must(owner.ask('DELETE', `/api/v1/account/push/browsers/${String(made.id)}`));
  expect((await read(owner)).items).toEqual([]);
});

test.each([
  ['https://192.168.1.1/admin', 'no push service'],
  ['http://fcm.googleapis.com/x', 'https://'],
])('%s is refused', async (endpoint, why) => {
  const { status, body } = await add(owner, endpoint);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(why);
});

test('a browser with a key that is none is refused', async () => {
  const subscription = { endpoint: ENDPOINT, keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) } };
  const { status, body } = await owner.ask('POST', '/api/v1/account/push/browsers', subscription);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain('no key of a browser');
});

test('another’s browser is as unknown as one that never was', async () => {
  const { id } = await must(add(owner));
  const { person } = await newUser('bob');
  expect((await person.ask('DELETE', `/api/v1/account/push/browsers/${String(id)}`)).status).toBe(404);
  expect((await read(owner)).items).toHaveLength(1);
});

test.each(['signs out', 'changes the password elsewhere', 'is removed'])(
  'a browser is forgotten when its person %s',
  async (what) => {
    const userName = `ann-${what.length}`;
    const { id, person } = await newUser(userName);
    const made = await must(add(person, `${ENDPOINT}-${userName}`));
    expect((await read(person)).items).toHaveLength(1);
    const again = await signInAs(reeve, { userName, role: 'viewer' });
    if (what === 'signs out') await must(person.ask('DELETE', '/api/v1/session'));
    else if (what === 'is removed') expect((await owner.ask('DELETE', `/api/v1/users/${id}`)).status).toBe(204);
    else await must(again.ask('PUT', '/api/v1/account/password', { current: PASSWORD, password: `${PASSWORD}!` }));
    await until(() => lastLineAbout(String(made.id)).includes('$$deleted'), {
      timeoutMs: 5_000,
      what: 'it is forgotten',
    });
  },
);

/** What the file of browsers says last of one. */
const lastLineAbout = (id: string): string =>
  readFileSync(join(reeve.data, 'docs/push-browsers.db'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(id))
    .at(-1) ?? '';

test('a test message says what to do while nobody has switched it on', async () => {
  const { items } = (await must(owner.ask('GET', '/api/v1/notification-channels'))) as unknown as {
    items: { id: string }[];
  };
  for (const { id } of (await read(owner)).items)
    await must(owner.ask('DELETE', `/api/v1/account/push/browsers/${id}`));
  const answer = await must(owner.ask('POST', `/api/v1/notification-channels/${items[0]?.id}/test`));
  expect(answer).toMatchObject({ hasArrived: false, answer: expect.stringContaining('see Account') });
});
