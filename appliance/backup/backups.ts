import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type BackupAnswer, backupId } from '../../protocol/backups.ts';
import type { JobProgress } from '../../protocol/jobs.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import { Uploads } from '../uploads.ts';
import { checkOf, keyOf } from './cipher.ts';
import { readHeader } from './file.ts';
import { BackupError, type BackupHeader } from './format.ts';
import { type BackupTools, makeBackup, megabytes } from './make.ts';
import { prepareRestore } from './restore.ts';

/** What people decided. */
export interface BackupChoices {
  /** Absolute path. */
  folder: string;
  /** How many made by this appliance are kept. */
  keep: number;
  passphrase: string | undefined;
}

export interface BackupsParts extends BackupTools {
  dataDir: string;
  applianceId: string;
  version: string;
  /** The format of data that this program reads and writes. */
  dataFormat: number;
  dataKey: Buffer;
  /** The master key of the data directory. */
  master: () => Promise<Buffer>;
  choices: () => BackupChoices;
  now: () => number;
  log: Logger;
}

/** How a run is told to end, and tells how far it is. */
interface Hands {
  signal: AbortSignal;
  progress(progress: JobProgress): void;
}

interface Wanted {
  file: string;
  id: string;
  passphrase: string | undefined;
  by: string;
}

const END = '.reeve';

/** The kept backups: files in one folder, each of which tells what it is by its first line. */
export class Backups {
  readonly uploads: Uploads;
  readonly #parts: BackupsParts;
  #wanted: Wanted | undefined;

  constructor(parts: BackupsParts) {
    this.#parts = parts;
    this.uploads = new Uploads({ folder: () => parts.choices().folder, freeBytes: parts.freeBytes, what: 'backup' });
  }

  /** Oldest first. What is no backup, or cannot be read, is left out. */
  async list(): Promise<BackupAnswer[]> {
    const { folder } = this.#parts.choices();
    const names = await readdir(folder).catch(() => []);
    const ids = names.filter((name) => name.endsWith(END)).map((name) => name.slice(0, -END.length));
    const found: BackupAnswer[] = [];
    for (const id of ids.filter((each) => backupId.safeParse(each).success)) {
      const answer = await this.#describe(id).catch(() => undefined);
      if (answer) found.push(answer);
    }
    return found.sort((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1));
  }

  async #describe(id: string): Promise<BackupAnswer> {
    const file = this.#fileOf(id);
    const { madeAt, version, encryption, applianceId, leftOut } = await readHeader(file);
    const { size } = await stat(file);
    return {
      id,
      madeAt,
      bytes: size,
      version,
      isEncrypted: encryption !== null,
      isOwn: applianceId === this.#parts.applianceId,
      isMade: id.startsWith('reeve-'),
      leftOut,
    };
  }

  /** Length and bytes of a kept file. Fails with the problem `not-found`. */
  async read(id: string): Promise<{ bytes: number; name: string; pieces: AsyncIterable<Uint8Array> }> {
    const { bytes } = await this.#need(id);
    return { bytes, name: id + END, pieces: createReadStream(this.#fileOf(id), { highWaterMark: 256 * 1024 }) };
  }

  async remove(id: string): Promise<void> {
    await this.#need(id);
    await rm(this.#fileOf(id));
  }

  /** Makes a backup and drops the oldest over what is to be kept. Answers with what was done, in words. */
  async make({ signal, progress }: Hands): Promise<string> {
    const { version, dataFormat, applianceId, now, log } = this.#parts;
    const { folder, keep, passphrase } = this.#parts.choices();
    const madeAt = now();
    const id = `reeve-${stamp(madeAt)}`;
    const file = path.join(folder, id + END);
    const about = { version, dataFormat, applianceId, madeAt };
    const made = await makeBackup({ ...this.#parts, file, passphrase, about, signal, progress });
    if (!passphrase)
      log.warn({ component: 'backup', id }, 'the backup holds no keys, accounts or pairings: set a passphrase');
    const dropped = await this.#dropOld(keep);
    return [
      `${id}${END}, ${megabytes(made.bytes)}, ${made.files} files`,
      made.wasRestored
        ? 'checked by restoring it into a scratch folder'
        : 'read to its end (no room to restore it for a check)',
      passphrase ? 'encrypted' : 'without keys, accounts and pairings, because no passphrase is set',
      `history held for ${Math.round(made.heldMs)} ms`,
      ...(dropped > 0 ? [`${dropped} older dropped`] : []),
    ].join('; ');
  }

  async #dropOld(keep: number): Promise<number> {
    const own = (await this.list()).filter(({ isOwn, isMade }) => isOwn && isMade);
    const old = own.slice(0, Math.max(0, own.length - keep));
    for (const { id } of old) await rm(this.#fileOf(id));
    return old.length;
  }

  /** Takes the next piece of an upload; the last one makes it a kept backup. Fails with `BackupError` when it is none. */
  async upload(uploadId: string, piece: { offset: number; piece: Uint8Array; isLast: boolean }) {
    const bytes = await this.uploads.add(uploadId, piece);
    if (!piece.isLast) return { bytes };
    const id = `upload-${stamp(this.#parts.now())}`;
    await this.uploads.finish(uploadId, this.#fileOf(id));
    try {
      return { bytes, backup: await this.#describe(id) };
    } catch (error) {
      await rm(this.#fileOf(id), { force: true });
      throw error;
    }
  }

  /** Notes what the next run of the job `restore` is to restore. Fails at once when format or passphrase cannot be right. */
  async want(id: string, { passphrase, by }: { passphrase: string | undefined; by: string }): Promise<void> {
    await this.#need(id);
    const file = this.#fileOf(id);
    await this.#admit(await readHeader(file), passphrase);
    this.#wanted = { file, id, passphrase, by };
  }

  async #admit({ dataFormat, encryption }: BackupHeader, passphrase: string | undefined): Promise<void> {
    if (dataFormat > this.#parts.dataFormat)
      throw new BackupError(
        'newer',
        'This backup was made by a newer Reeve. Nothing was changed; bring this one up to date first',
      );
    if (!encryption) return;
    if (!passphrase) throw new BackupError('passphrase', 'This backup is encrypted: give its passphrase');
    if (checkOf(await keyOf(passphrase, encryption.kdf)) !== encryption.check)
      throw new BackupError('passphrase', 'The passphrase is not the one that this backup was made with');
  }

  /** Makes ready what `want` noted; it takes its place when the data directory is opened again. */
  async restore(hands: Hands): Promise<string> {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (!wanted) throw new Error('Choose a backup on the page Backup: this job restores the one that was chosen');
    const { dataFormat, now, master } = this.#parts;
    const { madeAt } = await prepareRestore({
      ...this.#parts,
      ...wanted,
      ...hands,
      master: await master(),
      newestFormat: dataFormat,
      now: now(),
    });
    if (wanted.id.startsWith('upload-')) await rm(wanted.file, { force: true });
    return `${wanted.id} of ${new Date(madeAt).toISOString()} is unpacked and checked; the appliance starts anew with it`;
  }

  async #need(id: string): Promise<BackupAnswer> {
    const found = await this.#describe(id).catch(() => undefined);
    if (!found) throw new Problem('not-found', 'There is no such backup');
    return found;
  }

  #fileOf(id: string): string {
    return path.join(this.#parts.choices().folder, id + END);
  }
}

/** `2026-11-21T17-55-03-120Z`: sorts by time, and is a name on every file system. */
const stamp = (at: number): string => new Date(at).toISOString().replaceAll(/[:.]/g, '-');
