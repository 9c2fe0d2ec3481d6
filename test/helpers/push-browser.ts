import { webcrypto } from 'node:crypto';
import type { PushBrowser, PushDesk } from '../../appliance/notifications/channel.ts';

const { subtle } = webcrypto;
const text = (value: string): Buffer => Buffer.from(value);

async function derived(key: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Promise<Buffer> {
  const base = await subtle.importKey('raw', key, 'HKDF', false, ['deriveBits']);
  return Buffer.from(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, base, bytes * 8));
}

/** A browser's side of RFC 8291, written once more with WebCrypto, so that no mistake of the sender's is repeated here. */
export class TestBrowser {
  readonly p256dh: string;
  readonly auth: string;
  readonly #own: webcrypto.CryptoKey;

  private constructor(own: webcrypto.CryptoKey, p256dh: Buffer, auth: Buffer) {
    this.#own = own;
    this.p256dh = p256dh.toString('base64url');
    this.auth = auth.toString('base64url');
  }

  static async make(): Promise<TestBrowser> {
    const { privateKey, publicKey } = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, [
      'deriveBits',
    ]);
    const point = Buffer.from(await subtle.exportKey('raw', publicKey));
    return new TestBrowser(privateKey, point, Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))));
  }

  subscription(endpoint: string): { endpoint: string; keys: { p256dh: string; auth: string } } {
    return { endpoint, keys: { p256dh: this.p256dh, auth: this.auth } };
  }

  /** What the page would be given; fails when it was not encrypted for this browser. */
  async read(body: Buffer): Promise<Record<string, unknown>> {
    const [salt, keyId, cipher] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
    if (body.length > 4_096 || body.readUInt32BE(16) !== 4_096 || body[20] !== 65) throw new Error('not RFC 8291');
    const theirs = await subtle.importKey('raw', keyId, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
    const shared = Buffer.from(await subtle.deriveBits({ name: 'ECDH', public: theirs }, this.#own, 256));
    const info = Buffer.concat([text('WebPush: info\0'), Buffer.from(this.p256dh, 'base64url'), keyId]);
    const secret = await derived(shared, Buffer.from(this.auth, 'base64url'), info, 32);
    const key = await derived(secret, salt, text('Content-Encoding: aes128gcm\0'), 16);
    const iv = await derived(secret, salt, text('Content-Encoding: nonce\0'), 12);
    const opener = await subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    const plain = Buffer.from(await subtle.decrypt({ name: 'AES-GCM', iv }, opener, cipher));
    if (plain.at(-1) !== 2) throw new Error('the last record does not end with 2');
    return JSON.parse(plain.subarray(0, -1).toString('utf8')) as Record<string, unknown>;
  }
}

export interface TestDesk extends PushDesk {
  browsers: PushBrowser[];
}

/** Browsers of a site that a test hands in; who is gone is taken out of `browsers`. */
export function deskWith(browsers: PushBrowser[] = []): TestDesk {
  const taken = new Set<string>();
  return {
    browsers,
    all: () => [...browsers],
    hasTaken: (messageId, id) => taken.has(`${messageId} ${id}`),
    took: (messageId, id) => void taken.add(`${messageId} ${id}`),
    gone: async (id) => void browsers.splice(0, browsers.length, ...browsers.filter((each) => each.id !== id)),
    authorization: () => 'vapid t=signed, k=known',
  };
}
