import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { refuseLost, StartError } from './start-error.ts';
import { readWhole, writeWhole } from './whole-file.ts';

/** Encrypts secrets at rest: AES-256-GCM, text `v1.<nonce>.<tag>.<cipher>` in base64url, bound to a purpose. */
export interface Seal {
  seal(plain: string, purpose: string): string;
  /** Fails when the text was altered, sealed for another purpose, or with another key. */
  open(sealed: string, purpose: string): string;
  /** A key of 32 bytes for one purpose, derived from the master key (HKDF-SHA-256). */
  derive(purpose: string): Buffer;
}

/** Name of the file with the master key, in the data directory. */
export const KEY_FILE = 'key';

export function sealWith(master: Buffer): Seal {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', master, 'reeve-seal-v1', purpose, 32));
  const key = derive('seal');
  return {
    derive,
    seal(plain, purpose) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return ['v1', ...[nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
    },
    open(sealed, purpose) {
      const [version, nonce, tag, text] = sealed.split('.');
      if (version !== 'v1' || !nonce || !tag || text === undefined) throw new Error('not a sealed value');
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(Buffer.from(tag, 'base64url'));
      return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8');
    },
  };
}

/**
 * The master key, 32 bytes: `fromEnvironment` (`REEVE_KEY`, hex), else the file `key` in the data directory, made on the first start with
 * mode 0600. A file that others may read is refused, because the secrets sealed with it would be open to them; so is a missing
 * one where `mayBegin` is false.
 */
export async function openMaster(
  dataDir: string,
  { fromEnvironment, mayBegin = true }: { fromEnvironment?: string | undefined; mayBegin?: boolean } = {},
): Promise<Buffer> {
  if (fromEnvironment) return Buffer.from(fromEnvironment, 'hex');
  const file = path.join(dataDir, KEY_FILE);
  if ((await readWhole(file)) === undefined) {
    if (!mayBegin) refuseLost(file, ', or set REEVE_KEY if it was started with that');
    await writeWhole(file, `${randomBytes(32).toString('hex')}\n`);
  }
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && mode & 0o077)
    throw new StartError(`${file} may be read by others: chmod 600 ${file}`);
  const text = (await readFile(file, 'utf8')).trim();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new StartError(`${file} does not hold a key: restore it from a backup, secrets cannot be read without it`);
  return Buffer.from(text, 'hex');
}
