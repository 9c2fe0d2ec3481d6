import { createPublicKey, verify } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { browserRecords, PushBrowsers } from '../../../../appliance/notifications/push/browsers.ts';
import { isPushService } from '../../../../appliance/notifications/push/services.ts';
import { sealWith } from '../../../../appliance/seal.ts';
import type { Session } from '../../../../appliance/session.ts';
import { openDocumentStore } from '../../../../appliance/store/nedb/documents.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { makeDirectory } from '../../../helpers/temporary.ts';

const HOUR_MS = 3_600_000;
const HOME = 'home';
const NOW = Date.UTC(2026, 10, 21);
const subscription = (name: string) => ({ endpoint: `https://fcm.googleapis.com/${name}`, p256dh: 'p', auth: 'a' });
const sessionOf = (userId: string, rest: Partial<Session> = {}): Session => ({
  ...{ id: `session of ${userId}`, kind: 'user', userId, userName: userId, role: 'viewer', siteId: HOME },
  expiresAt: NOW + HOUR_MS,
  ...rest,
});

async function bench({ dir = makeDirectory(), key = 1 } = {}) {
  const clock = { now: NOW };
  const barred = new Set<string>();
  const documents = await openDocumentStore({ dir, log: keepingLog() });
  onTestFinished(() => documents.close());
  const browsers = await PushBrowsers.open({
    ...{ documents, seal: sealWith(Buffer.alloc(32, key)), log: keepingLog() as never, now: () => clock.now },
    mayLook: (userId) => !barred.has(userId),
  });
  const endpoints = (siteId = HOME): string[] =>
    browsers
      .deskOf(siteId)
      .all()
      .map(({ endpoint }) => endpoint);
  return { dir, browsers, documents, clock, barred, endpoints };
}

const ANN = 'https://fcm.googleapis.com/ann';

test('a browser is told until its session is ended, and stays when the session ran out by itself', async () => {
  const { browsers, endpoints, clock } = await bench();
  await browsers.add(sessionOf('ann'), subscription('ann'), 'Firefox');
  await browsers.add(sessionOf('bob'), subscription('bob'), 'Firefox');
  await browsers.endSession('session of bob');
  expect(endpoints()).toEqual([ANN]);
  clock.now += 2 * HOUR_MS;
  await browsers.endSession('session of ann');
  expect(endpoints()).toEqual([ANN]);
});

test('who was removed, may no longer look at the site, or whose site is gone is not told', async () => {
  const { browsers, endpoints, barred } = await bench();
  await browsers.add(sessionOf('ann'), subscription('ann'), '');
  await browsers.add(sessionOf('bob'), subscription('bob'), '');
  await browsers.add(sessionOf('ann', { siteId: 'office' }), subscription('ann'), '');
  barred.add('bob');
  expect(endpoints()).toEqual([ANN]);
  await browsers.forgetSite('office');
  expect(endpoints('office')).toEqual([]);
  expect(endpoints()).toEqual([ANN]);
  await browsers.forgetUser('ann');
  barred.clear();
  expect(endpoints()).toEqual(['https://fcm.googleapis.com/bob']);
});

test('asked for once more it is one browser still; on another account it is that one’s alone', async () => {
  const { browsers, endpoints } = await bench();
  await browsers.add(sessionOf('ann'), subscription('ann'), '');
  await browsers.add(sessionOf('ann', { id: 'later' }), subscription('ann'), '');
  expect(browsers.list(sessionOf('ann')).map(({ record }) => record.sessionId)).toEqual(['later']);
  await browsers.add(sessionOf('bob'), subscription('ann'), '');
  expect(browsers.list(sessionOf('ann'))).toEqual([]);
  expect(endpoints()).toEqual([ANN]);
});

test('ten browsers of a person are enough', async () => {
  const { browsers } = await bench();
  for (let n = 0; n < 10; n++) await browsers.add(sessionOf('ann'), subscription(`${n}`), '');
  await expect(browsers.add(sessionOf('ann'), subscription('11'), '')).rejects.toMatchObject({ code: 'conflict' });
});

test('key and browsers are there after a restart, addresses stand nowhere in the open, and another master key opens none', async () => {
  const first = await bench();
  await first.browsers.add(sessionOf('ann'), subscription('ann'), '');
  const stored = await (await first.documents.collection(browserRecords)).find();
  expect(stored).toHaveLength(1);
  expect(JSON.stringify(stored)).not.toContain('googleapis');
  await first.documents.close();
  const again = await bench({ dir: first.dir });
  expect(again.endpoints()).toEqual([ANN]);
  expect(again.browsers.sender.publicKey).toBe(first.browsers.sender.publicKey);
  await again.documents.close();
  const other = await bench({ dir: first.dir, key: 2 });
  expect(other.endpoints()).toEqual([]);
  expect(other.browsers.sender.publicKey).not.toBe(first.browsers.sender.publicKey);
});

test('the push service can check who sends (RFC 8292): key, audience, end and contact', async () => {
  const { browsers } = await bench();
  const header = browsers
    .deskOf(HOME)
    .authorization('https://updates.push.services.mozilla.com/wpush/v2/x', 'ann@example.org');
  const [, token = '', key = ''] = /^vapid t=(\S+), k=(\S+)$/.exec(header) ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  const read = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
  expect(read(head)).toEqual({ typ: 'JWT', alg: 'ES256' });
  expect(read(claims)).toEqual({
    aud: 'https://updates.push.services.mozilla.com',
    exp: (NOW + 12 * HOUR_MS) / 1_000,
    sub: 'mailto:ann@example.org',
  });
  const point = Buffer.from(key, 'base64url');
  const half = (from: number): string => point.subarray(from, from + 32).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: half(1), y: half(33) }, format: 'jwk' });
  const signed = Buffer.from(`${head}.${claims}`);
  const isRight = verify(
    'sha256',
    signed,
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  expect(isRight).toBe(true);
  expect(key).toBe(browsers.sender.publicKey);
});

test.each([
  ['https://fcm.googleapis.com/fcm/send/x', true],
  ['https://updates.push.services.mozilla.com/wpush/v2/x', true],
  ['https://web.push.apple.com/x', true],
  ['https://wns2-par02p.notify.windows.com/w/?token=x', true],
  ['https://push.example.org/x', true],
  ['https://192.168.1.1/', false],
  ['https://fcm.googleapis.com.evil.example/', false],
  ['https://evilpush.apple.com/', false],
  ['https://localhost:8443/', false],
])('%s is a push service: %s', (endpoint, is) => {
  expect(isPushService(endpoint, ['push.example.org'])).toBe(is);
});
