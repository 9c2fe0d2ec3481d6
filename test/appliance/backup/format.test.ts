import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../../appliance/backup/archive.ts';
import { ByteReader } from '../../../appliance/backup/byte-reader.ts';
import { decrypted, encrypted } from '../../../appliance/backup/cipher.ts';
import { backupBytes, openBackup, readHeader } from '../../../appliance/backup/file.ts';
import { BackupError, PIECE_BYTES } from '../../../appliance/backup/format.ts';
import { folderSink } from '../../../appliance/backup/sinks.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const about = {
  version: '0.1.0',
  dataFormat: 1,
  applianceId: '01920000-0000-7000-8000-000000000001',
  madeAt: Date.parse('2026-06-01T00:00:00Z'),
  leftOut: [],
};
const PASSPHRASE = 'correct horse battery';
const entry = (path: string, content: Uint8Array): Entry => ({
  path,
  bytes: content.length,
  async *pieces() {
    yield content;
  },
});
const files = (): Entry[] => [
  entry('format.json', Buffer.from('{"format":1}')),
  entry('docs/hosts.db', Buffer.from('one\ntwo\n')),
  entry('history/raw/fast/2026-06-01T00+1h.7', randomBytes(3 * PIECE_BYTES)),
  entry('docs/sites.db', new Uint8Array()),
];
const all = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
};
/** Cut differently from how it was written. */
async function* cut(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const open = async (bytes: Uint8Array, passphrase?: string) => {
  const dir = temporaryDirectory();
  const folder = folderSink(join(dir, 'x'), () => undefined);
  const header = await openBackup({ source: cut(bytes, 65_536), passphrase, sink: folder.sink });
  return { dir: join(dir, 'x'), header };
};
const codeOf = (error: unknown) => (error instanceof BackupError ? error.code : `${error}`);
const refusal = (bytes: Uint8Array, passphrase?: string) => open(bytes, passphrase).then(() => 'taken', codeOf);

let plain: Buffer;
let sealed: Buffer;
let weak: Buffer;
beforeAll(async () => {
  plain = await all(backupBytes({ header: about, entries: files(), passphrase: undefined }));
  sealed = await all(backupBytes({ header: about, entries: files(), passphrase: PASSPHRASE }));
  weak = sealed;
});

describe('a backup file', () => {
  test('gives back what was put in, with and without a passphrase', async () => {
    const content = randomBytes(200_000);
    for (const passphrase of [undefined, PASSPHRASE]) {
      const entries = [entry('docs/hosts.db', content), entry('docs/sites.db', new Uint8Array())];
      const bytes = await all(backupBytes({ header: about, entries, passphrase }));
      const { dir, header } = await open(bytes, passphrase);
      expect(readFileSync(join(dir, 'docs/hosts.db')).equals(content)).toBe(true);
      expect(readFileSync(join(dir, 'docs/sites.db'))).toHaveLength(0);
      expect(header).toMatchObject(about);
    }
  });

  test('shows nothing of its content when it is encrypted', () => {
    expect(sealed.subarray(sealed.indexOf(10)).includes('hosts.db')).toBe(false);
    expect(plain.includes('hosts.db')).toBe(true);
  });

  test('is refused when it was cut anywhere', async () => {
    const ends = [0, 1, plain.indexOf(10), plain.indexOf(10) + 1, 400, plain.length / 2, plain.length - 1].map(
      Math.floor,
    );
    for (const end of ends)
      expect(['damaged', 'foreign'], `cut at ${end}`).toContain(await refusal(plain.subarray(0, end)));
    const heads = sealed.indexOf(10) + 1;
    for (const end of [heads, heads + 10, heads + PIECE_BYTES + 16, sealed.length - 1, sealed.length - 100])
      expect(await refusal(sealed.subarray(0, end), PASSPHRASE), `cut at ${end}`).toBe('damaged');
  });

  test('is refused when any bit was turned', async () => {
    const places = (length: number) => [
      ...Array.from({ length: 40 }, (_, n) => Math.floor((n * length) / 40)),
      length - 1,
    ];
    for (const at of places(plain.length)) {
      const broken = Buffer.from(plain);
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(['damaged', 'foreign', 'newer'], `bit at ${at}`).toContain(await refusal(broken));
    }
    const heads = sealed.indexOf(10) + 1;
    for (const at of places(sealed.length - heads).filter((_, n) => n % 5 === 0)) {
      const broken = Buffer.from(sealed);
      broken[heads + at] = (broken[heads + at] ?? 0) ^ 0x80;
      expect(await refusal(broken, PASSPHRASE), `bit at ${at}`).toBe('damaged');
    }
  }, 60_000);

  test('is refused when something was added, or a piece moved', async () => {
    expect(await refusal(Buffer.concat([plain, Buffer.from('x\n')]))).toBe('damaged');
    expect(await refusal(Buffer.concat([sealed, Buffer.alloc(10)]), PASSPHRASE)).toBe('damaged');
    const heads = sealed.indexOf(10) + 1;
    const size = PIECE_BYTES + 16;
    const piece = (n: number) => sealed.subarray(heads + n * size, heads + (n + 1) * size);
    const moved = Buffer.concat([sealed.subarray(0, heads), piece(1), piece(0), sealed.subarray(heads + 2 * size)]);
    expect(await refusal(moved, PASSPHRASE)).toBe('damaged');
  });

  test('asks for its passphrase, and tells a wrong one from damage', async () => {
    expect(await refusal(sealed)).toBe('passphrase');
    expect(await refusal(sealed, 'wrong horse battery')).toBe('passphrase');
  });

  test('of a newer Reeve, and a file that is none, are told apart', async () => {
    const newer = Buffer.from(plain.toString('latin1').replace('"format":1', '"format":2'), 'latin1');
    expect(await refusal(newer)).toBe('newer');
    for (const foreign of ['', 'PK\u0003\u0004zip', '{"a":1}\n', '\n', 'x'.repeat(100_000)])
      expect(await refusal(Buffer.from(foreign))).toBe('foreign');
  });

  test('that asks for more work than we give is refused before the work', async () => {
    const text = weak
      .subarray(0, weak.indexOf(10))
      .toString()
      .replace(/"memoryKiB":\d+/, '"memoryKiB":4194304');
    expect(await refusal(Buffer.concat([Buffer.from(text), weak.subarray(weak.indexOf(10))]), PASSPHRASE)).toBe(
      'damaged',
    );
  });

  test('cannot put a file anywhere but among the data', async () => {
    for (const path of [
      '../outside',
      '/etc/passwd',
      'docs/../../x.db',
      'key',
      'history/../key',
      'LOCK',
      'history/.hidden/x',
      'docs/x/y.db',
    ]) {
      const good = await all(
        backupBytes({ header: about, entries: [entry('docs/aa.db', Buffer.from('x'))], passphrase: undefined }),
      );
      const evil = Buffer.from(good.toString().replace('docs/aa.db', path));
      expect(await refusal(evil), path).toBe('damaged');
      const made = all(backupBytes({ header: about, entries: [entry(path, Buffer.from('x'))], passphrase: undefined }));
      await expect(made, path).rejects.toThrow(/no place/);
    }
    expect(existsSync('/etc/reeve-outside')).toBe(false);
  });

  test('says what it is by its first line', async () => {
    const file = join(temporaryDirectory(), 'a.reeve');
    writeFileSync(file, sealed);
    expect(await readHeader(file)).toMatchObject({
      applianceId: about.applianceId,
      encryption: { kdf: { name: 'argon2id' } },
    });
  });
});

describe('encryption piece by piece', () => {
  const key = randomBytes(32);
  const head = Buffer.from('head');
  test('gives back every length around the size of a piece', async () => {
    for (const length of [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 2 * PIECE_BYTES + 5]) {
      const content = randomBytes(length);
      const bytes = await all(encrypted(cut(content, 7_777), key, head));
      expect((await all(decrypted(cut(bytes, 5_001), key, head))).equals(content), `${length}`).toBe(true);
    }
  });

  test('is bound to the header', async () => {
    const bytes = await all(encrypted(cut(Buffer.from('x')), key, head));
    await expect(all(decrypted(cut(bytes), key, Buffer.from('other')))).rejects.toThrow(/damaged/);
  });
});

test('a reader of lines refuses one that is too long, and reads what follows a line', async () => {
  const reader = new ByteReader(cut(Buffer.from('one\ntwo three'), 2));
  expect(Buffer.from((await reader.line()) ?? []).toString()).toBe('one\n');
  expect((await all(reader.bytes(3))).toString()).toBe('two');
  expect((await all(reader.rest())).toString()).toBe(' three');
  await expect(new ByteReader(cut(Buffer.alloc(10_000, 65))).line()).rejects.toThrow(/too long/);
});
