import { type FileHandle, open as openFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory, syncDirectory } from '../disk.ts';
import { type Damage, errnoOf, StorageError } from '../errors.ts';
import { DurableFile } from '../nedb/durable.ts';
import { decodeDocument, encodeDocument } from '../nedb/encoding.ts';
import { sealLine } from '../nedb/line.ts';
import type { StoreLog } from '../store-log.ts';
import type { AnyDocument } from './any-document.ts';

const NAME = /^([a-z][a-z0-9-]{0,40})\.db$/;

/** Names of the kinds that a directory has a file of. */
export async function kindsIn(dir: string): Promise<string[]> {
  const names = await readdir(join(dir, 'docs')).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).sort();
}

/** Every document in the files of a directory, kind after kind; what is damaged is set aside and told to `onDamage`. */
export async function* readFiles(
  dir: string,
  log: StoreLog,
  onDamage: (damage: Damage) => void,
): AsyncIterable<AnyDocument> {
  for (const kind of await kindsIn(dir)) {
    const place = { file: join(dir, 'docs', `${kind}.db`), quarantine: join(dir, 'quarantine') };
    const file = await DurableFile.open({ ...place, log, now: Date.now });
    try {
      file.damage.forEach(onDamage);
      for (const stored of await file.all()) {
        const { rev, ...body } = decodeDocument(stored);
        yield { kind, id: stored._id, rev: typeof rev === 'number' ? rev : 1, body };
      }
    } finally {
      await file.close();
    }
  }
}

const PIECE_CHARACTERS = 256 * 1024;

/** Writes documents, which come kind after kind, as files of an empty directory. Fails with `StorageError` when the disk refuses. */
export async function writeFiles(dir: string, documents: AsyncIterable<AnyDocument>): Promise<void> {
  const folder = join(dir, 'docs');
  await makeDirectory(folder);
  let open: { kind: string; file: FileHandle } | undefined;
  let text = '';
  const flush = async (): Promise<void> => {
    await open?.file.appendFile(text);
    text = '';
  };
  const finish = async (): Promise<void> => {
    await flush();
    await open?.file.sync();
    await open?.file.close();
    open = undefined;
  };
  try {
    for await (const { kind, id, rev, body } of documents) {
      if (open?.kind !== kind) {
        await finish();
        open = { kind, file: await openFile(join(folder, `${kind}.db`), 'wx', 0o600) };
      }
      text += `${sealLine(JSON.stringify(encodeDocument({ ...body, id, rev } as { id: string })))}\n`;
      if (text.length > PIECE_CHARACTERS) await flush();
    }
    await finish();
    await syncDirectory(folder);
  } catch (error) {
    await open?.file.close();
    throw error instanceof StorageError || errnoOf(error) === ''
      ? error
      : new StorageError(`${folder} cannot be written`, error);
  }
}
