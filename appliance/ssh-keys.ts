import { createHash, createPrivateKey, generateKeyPair, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

/** A key that Reeve signs in with. The private part has no passphrase: it is kept sealed, and never leaves memory otherwise. */
export interface KeyPair {
  /** PEM, as the library reads it. */
  privateKey: string;
  /** One line for `authorized_keys`, comment included. */
  publicKey: string;
  type: 'ssh-ed25519' | 'ssh-rsa';
  bits: number;
  /** `SHA256:…` of the public key. */
  sha256: string;
}

/** A text that is no key that Reeve takes; the message says what to do. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
  readonly field: 'privateKey' | 'passphrase';

  constructor(field: KeyError['field'], message: string) {
    super(message);
    this.field = field;
  }
}

const LEAST_RSA_BITS = 4_096;
/** Decrypting takes 0.25 s at the usual 16 rounds; a key with thousands of rounds must not hold a worker for ever. */
const READ_MS = 15_000;

/** Makes an Ed25519 key. `comment` says whose it is. */
export async function makeKeyPair(comment: string): Promise<KeyPair> {
  const { privateKey } = await promisify(generateKeyPair)('ed25519');
  return fromEd25519(privateKey.export({ format: 'jwk' }) as Jwk, comment);
}

/**
 * Reads a private key that a person uploads: OpenSSH, PEM or PuTTY form, Ed25519 or RSA of at least 4096 bits, with or without
 * passphrase. Decrypting happens in a worker, because it stops everything else for a quarter of a second. Fails with `KeyError`.
 */
export async function readKeyPair(text: string, passphrase: string, comment: string): Promise<KeyPair> {
  const said = await parsed(text, passphrase);
  if ('error' in said) throw wrongKey(said.error, passphrase);
  if (said.privatePem === null) throw new KeyError('privateKey', 'This is a public key: upload the private one');
  if (said.type !== 'ssh-ed25519' && said.type !== 'ssh-rsa')
    throw new KeyError('privateKey', `Reeve takes Ed25519 and RSA keys, not ${said.type.slice(0, 40)}`);
  const key = createPrivateKey(said.privatePem);
  if (said.type === 'ssh-ed25519') return fromEd25519(key.export({ format: 'jwk' }) as Jwk, comment);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < LEAST_RSA_BITS)
    throw new KeyError(
      'privateKey',
      `This RSA key has ${bits} bits: use Ed25519, or RSA of at least ${LEAST_RSA_BITS} bits`,
    );
  const privateKey = key.export({ type: 'pkcs1', format: 'pem' }).toString();
  return described({ privateKey, type: 'ssh-rsa', bits }, Buffer.from(said.publicSsh), comment);
}

function wrongKey(message: string, passphrase: string): KeyError {
  if (/no passphrase/i.test(message)) return new KeyError('passphrase', 'This key is encrypted: give its passphrase');
  if (passphrase !== '' && /decrypt|bad passphrase|integrity|malformed/i.test(message))
    return new KeyError('passphrase', 'The passphrase is not the one of this key');
  return new KeyError('privateKey', 'This is no private key in OpenSSH, PEM or PuTTY form');
}

interface Jwk {
  d: string;
  x: string;
}

/** RFC 8709 and the OpenSSH key format (PROTOCOL.key), which is the one form of Ed25519 that the library reads. */
function fromEd25519({ d, x }: Jwk, comment: string): KeyPair {
  const secret = Buffer.from(d, 'base64url');
  const open = Buffer.from(x, 'base64url');
  const publicSsh = Buffer.concat([field('ssh-ed25519'), field(open)]);
  const check = randomBytes(4);
  const inner = Buffer.concat([check, check, publicSsh, field(Buffer.concat([secret, open])), field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, n) => n + 1));
  const whole = Buffer.concat([
    ...[Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field(''), Buffer.from([0, 0, 0, 1])],
    ...[field(publicSsh), field(Buffer.concat([inner, padding]))],
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  const privateKey = ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
  return described({ privateKey, type: 'ssh-ed25519', bits: 256 }, publicSsh, comment);
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function described(key: Pick<KeyPair, 'privateKey' | 'type' | 'bits'>, publicSsh: Buffer, comment: string): KeyPair {
  const hash = createHash('sha256').update(publicSsh).digest('base64').replace(/=+$/, '');
  const publicKey = `${key.type} ${publicSsh.toString('base64')} ${comment}`;
  return { ...key, publicKey, sha256: `SHA256:${hash}` };
}

type Parsed = { error: string } | { type: string; privatePem: string | null; publicSsh: Uint8Array };

/** Runs in the worker; it has the path of the library handed in, because a worker made of text has no place of its own. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { utils } = require(workerData.library);
const found = utils.parseKey(workerData.text, workerData.passphrase || undefined);
const key = Array.isArray(found) ? found[0] : found;
parentPort.postMessage(key instanceof Error ? { error: key.message }
  : { type: key.type, privatePem: key.getPrivatePEM(), publicSsh: key.getPublicSSH() });
`;

/** The library is what node-ssh itself uses. */
function library(): string {
  const own = createRequire(import.meta.url);
  return createRequire(own.resolve('node-ssh')).resolve('ssh2');
}

function parsed(text: string, passphrase: string): Promise<Parsed> {
  const workerData = { library: library(), text, passphrase };
  const worker = new Worker(PROGRAM, { eval: true, workerData, stdout: true, stderr: true });
  return new Promise<Parsed>((resolve) => {
    const limit = setTimeout(() => resolve({ error: 'too slow' }), READ_MS);
    const settle = (said: Parsed): void => {
      clearTimeout(limit);
      resolve(said);
    };
    worker.on('message', settle);
    worker.on('error', (error) => settle({ error: error.message }));
    worker.on('exit', () => settle({ error: 'no answer' }));
  }).finally(() => void worker.terminate());
}
