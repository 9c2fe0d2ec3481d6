import { createCipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto';

/** What a browser gave with its subscription: its public key (65 bytes, uncompressed P-256) and the secret that it shares with us. */
export interface BrowserKeys {
  p256dh: Buffer;
  auth: Buffer;
}

const CURVE = 'prime256v1';
/** RFC 8291 §4: push services take 4096 bytes; one record holds all. */
const RECORD_BYTES = 4_096;
const HEADER_BYTES = 16 + 4 + 1 + 65;
const TAG_BYTES = 16;

/** As many bytes of text fit into one push message. */
export const MOST_PUSH_BYTES = RECORD_BYTES - HEADER_BYTES - TAG_BYTES - 1;

const derived = (key: Buffer, { salt, info, bytes }: { salt: Buffer; info: Buffer; bytes: number }): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, info, bytes));

const named = (name: string): Buffer => Buffer.from(`Content-Encoding: ${name}\0`);

function newSender(): ECDH {
  const sender = createECDH(CURVE);
  sender.generateKeys();
  return sender;
}

/**
 * The body of a push message that only this browser can read (RFC 8291, encoding `aes128gcm` of RFC 8188): the push service in between
 * sees its length. Fails when the browser's key is no point of the curve, or the text is too long. `sender` and `salt` are new for
 * every message; only a test with known answers gives them.
 */
export function encrypted(
  text: Uint8Array,
  { p256dh, auth }: BrowserKeys,
  { sender = newSender(), salt = randomBytes(16) }: { sender?: ECDH; salt?: Buffer } = {},
): Buffer {
  if (text.length > MOST_PUSH_BYTES) throw new RangeError(`a push message holds at most ${MOST_PUSH_BYTES} bytes`);
  const ours = sender.getPublicKey();
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, ours]);
  const key = derived(sender.computeSecret(p256dh), { salt: auth, info, bytes: 32 });
  const cipher = createCipheriv(
    'aes-128-gcm',
    derived(key, { salt, info: named('aes128gcm'), bytes: 16 }),
    derived(key, { salt, info: named('nonce'), bytes: 12 }),
  );
  const size = Buffer.alloc(5);
  size.writeUInt32BE(RECORD_BYTES);
  size.writeUInt8(ours.length, 4);
  const END = Buffer.of(2); // RFC 8188 §2: the last record ends with a 2, then padding, of which there is none.
  return Buffer.concat([
    salt,
    size,
    ours,
    cipher.update(text),
    cipher.update(END),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** Whether something can be encrypted with what a browser gave. */
export function areBrowserKeys({ p256dh, auth }: BrowserKeys): boolean {
  if (p256dh.length !== 65 || auth.length !== 16) return false;
  try {
    newSender().computeSecret(p256dh);
    return true;
  } catch {
    return false;
  }
}
