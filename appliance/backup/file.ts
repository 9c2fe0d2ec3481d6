import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Entry, pack, type Sink, unpack } from './archive.ts';
import { ByteReader } from './byte-reader.ts';
import { checkOf, decrypted, encrypted, keyOf, newKdf } from './cipher.ts';
import { BACKUP_FORMAT, BackupError, type BackupHeader, backupHeader, damaged } from './format.ts';

export interface NewBackup {
  header: Omit<BackupHeader, 'reeve' | 'format' | 'encryption'>;
  entries: Iterable<Entry>;
  /** Absent: not encrypted; then `entries` hold no secrets. */
  passphrase: string | undefined;
  signal?: AbortSignal | undefined;
  onBytes?: ((bytes: number) => void) | undefined;
}

/** The bytes of a backup, made while they are read. */
export async function* backupBytes({ header, entries, passphrase, signal, onBytes }: NewBackup) {
  const kdf = newKdf();
  const key = passphrase ? await keyOf(passphrase, kdf) : undefined;
  const encryption = key ? { cipher: 'aes-256-gcm-stream' as const, kdf, check: checkOf(key) } : null;
  const head = { reeve: 'backup' as const, format: BACKUP_FORMAT, ...header, encryption };
  const line = Buffer.from(`${JSON.stringify(backupHeader.parse(head))}\n`);
  yield line;
  const body = pack(line, entries);
  for await (const piece of key ? encrypted(body, key, line) : body) {
    signal?.throwIfAborted();
    onBytes?.(piece.length);
    yield piece;
  }
}

/** Writes a stream to a new file that only its owner may read; on the disk when it resolves. Answers with its length. */
export async function writeFileDurably(file: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(file, 'w', 0o600);
  try {
    let bytes = 0;
    for await (const piece of pieces) {
      for (let done = 0; done < piece.length; )
        done += (await handle.write(piece, done, piece.length - done, bytes + done)).bytesWritten;
      bytes += piece.length;
    }
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

/** The first line of a backup. Fails with `BackupError` for any other file. */
export async function readHeader(file: string): Promise<BackupHeader> {
  const reader = new ByteReader(createReadStream(file));
  try {
    return (await headerOf(reader)).header;
  } finally {
    await reader.close();
  }
}

async function headerOf(reader: ByteReader): Promise<{ header: BackupHeader; line: Uint8Array }> {
  const foreign = new BackupError(
    'foreign',
    'This is not a backup of Reeve. Nothing was changed; choose a .reeve file',
  );
  const line = await reader.line().catch(() => undefined);
  if (!line) throw foreign;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    throw foreign;
  }
  if (typeof json !== 'object' || json === null || !('reeve' in json)) throw foreign;
  if ('format' in json && typeof json.format === 'number' && json.format > BACKUP_FORMAT)
    throw new BackupError(
      'newer',
      'This backup was made by a newer Reeve. Nothing was changed; bring this one up to date first',
    );
  const header = backupHeader.safeParse(json);
  if (!header.success) throw damaged('its first line was changed');
  return { header: header.data, line };
}

export interface Opening {
  source: AsyncIterable<Uint8Array>;
  passphrase: string | undefined;
  sink: Sink;
  /** Called before the first file; throws to refuse. */
  onHeader?: (header: BackupHeader) => void | Promise<void>;
}

/** Reads a whole backup into `sink`. Fails with `BackupError` unless it is complete, unchanged and the passphrase is right. */
export async function openBackup({ source, passphrase, sink, onHeader }: Opening): Promise<BackupHeader> {
  const reader = new ByteReader(source);
  try {
    const { header, line } = await headerOf(reader);
    await onHeader?.(header);
    await unpack(line, await bodyOf(reader, { header, line, passphrase }), sink);
    return header;
  } finally {
    await reader.close();
  }
}

interface Body {
  header: BackupHeader;
  line: Uint8Array;
  passphrase: string | undefined;
}

async function bodyOf(reader: ByteReader, { header: { encryption }, line, passphrase }: Body): Promise<ByteReader> {
  if (!encryption) return reader;
  if (!passphrase) throw new BackupError('passphrase', 'This backup is encrypted: give its passphrase');
  const key = await keyOf(passphrase, encryption.kdf);
  if (checkOf(key) !== encryption.check)
    throw new BackupError('passphrase', 'The passphrase is not the one that this backup was made with');
  return new ByteReader(decrypted(reader.rest(), key, line));
}
