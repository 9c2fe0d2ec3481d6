import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { type Algorithm, hashRaw } from '@node-rs/argon2';
import { ByteReader } from './byte-reader.ts';
import { damaged, type Kdf, PIECE_BYTES } from './format.ts';

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** RFC 9106 §4, second recommended option: 64 MiB, three passes; 1 lane, because a Pi has other work to do. */
export const newKdf = (): Kdf => ({
  name: 'argon2id',
  memoryKiB: 65_536,
  passes: 3,
  lanes: 1,
  salt: randomBytes(16).toString('base64url'),
});

/** The key of one backup: each has a salt of its own, so that no key is ever used for two files. Off the main thread. */
export function keyOf(passphrase: string, { memoryKiB, passes, lanes, salt }: Kdf): Promise<Buffer> {
  return hashRaw(passphrase.normalize('NFC'), {
    algorithm: 2 satisfies Algorithm.Argon2id as Algorithm,
    memoryCost: memoryKiB,
    timeCost: passes,
    parallelism: lanes,
    salt: Buffer.from(salt, 'base64url'),
    outputLen: 32,
  });
}

/** Stands in the header, so that a wrong passphrase is told apart from damage. It says no more than the first piece would. */
export const checkOf = (key: Buffer): string =>
  createHmac('sha256', key).update('reeve backup').digest('base64url').slice(0, 22);

/** Counter and a flag for the last piece: the STREAM construction (Hoang et al. 2015), so that no piece can be moved, cut off or added. */
function nonceOf(piece: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(piece, NONCE_BYTES - 7, 6);
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
  return nonce;
}

const digestOf = (header: Uint8Array): Buffer => createHash('sha256').update(header).digest();

/** Encrypts a stream piece by piece, bound to the header line. */
export async function* encrypted(
  source: AsyncIterable<Uint8Array>,
  key: Buffer,
  header: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  const aad = digestOf(header);
  let next = await reader.block(PIECE_BYTES);
  for (let piece = 0; ; piece++) {
    const plain = next;
    next = plain.length < PIECE_BYTES ? new Uint8Array() : await reader.block(PIECE_BYTES);
    const isLast = next.length === 0;
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(piece, isLast)).setAAD(aad);
    yield Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    if (isLast) return;
  }
}

/** Undoes `encrypted`. Fails with `BackupError` where a bit was changed or a piece is missing. */
export async function* decrypted(
  source: AsyncIterable<Uint8Array>,
  key: Buffer,
  header: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  const aad = digestOf(header);
  const size = PIECE_BYTES + TAG_BYTES;
  let next = await reader.block(size);
  for (let piece = 0; ; piece++) {
    const sealed = next;
    if (sealed.length < TAG_BYTES) throw damaged('it ends too early');
    next = sealed.length < size ? new Uint8Array() : await reader.block(size);
    const isLast = next.length === 0;
    yield open(sealed, { key, aad, nonce: nonceOf(piece, isLast) });
    if (isLast) return;
  }
}

function open(sealed: Uint8Array, { key, aad, nonce }: { key: Buffer; aad: Buffer; nonce: Buffer }): Uint8Array {
  const at = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad).setAuthTag(sealed.subarray(at));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, at)), decipher.final()]);
  } catch {
    throw damaged('a piece of it was changed or is missing');
  }
}
