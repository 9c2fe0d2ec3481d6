import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import { areBrowserKeys, encrypted, MOST_PUSH_BYTES } from '../../../../appliance/notifications/push/encrypt.ts';
import { TestBrowser } from '../../../helpers/push-browser.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

/** RFC 8291, section 5 and appendix A. */
const rfc = {
  text: 'When I grow up, I want to be a watermelon',
  senderSecret: bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'),
  keys: {
    p256dh: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
    auth: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
  },
  salt: bytes('DGv6ra1nlYgDCS1FRnbzlw'),
  body: 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
};

test('the example of RFC 8291 comes out byte for byte', () => {
  const sender = createECDH('prime256v1');
  sender.setPrivateKey(rfc.senderSecret);
  const body = encrypted(Buffer.from(rfc.text), rfc.keys, { sender, salt: rfc.salt });
  expect(body.toString('base64url')).toBe(rfc.body);
});

test('another implementation reads the longest text, and one byte more is refused', async () => {
  const browser = await TestBrowser.make();
  const keys = { p256dh: bytes(browser.p256dh), auth: bytes(browser.auth) };
  const text = JSON.stringify({ text: 'x'.repeat(MOST_PUSH_BYTES - 11) });
  const body = encrypted(Buffer.from(text), keys);
  expect(text.length).toBe(MOST_PUSH_BYTES);
  expect(body.length).toBe(4_096);
  expect(await browser.read(body)).toEqual(JSON.parse(text));
  expect(() => encrypted(Buffer.from(`${text} `), keys)).toThrow(RangeError);
});

test('the same text is never the same twice, and no other browser reads it', async () => {
  const [ours, other] = [await TestBrowser.make(), await TestBrowser.make()];
  const keys = { p256dh: bytes(ours.p256dh), auth: bytes(ours.auth) };
  const [one, two] = [encrypted(Buffer.from('{}'), keys), encrypted(Buffer.from('{}'), keys)];
  expect(one.equals(two)).toBe(false);
  expect(await ours.read(one)).toEqual({});
  await expect(other.read(one)).rejects.toThrow();
});

test('a key that is no point of the curve, or of the wrong length, is known before anything is sent', () => {
  expect(areBrowserKeys(rfc.keys)).toBe(true);
  expect(areBrowserKeys({ ...rfc.keys, p256dh: Buffer.alloc(65, 4) })).toBe(false);
  expect(areBrowserKeys({ ...rfc.keys, p256dh: rfc.keys.p256dh.subarray(1) })).toBe(false);
  expect(areBrowserKeys({ ...rfc.keys, auth: Buffer.alloc(8) })).toBe(false);
});
