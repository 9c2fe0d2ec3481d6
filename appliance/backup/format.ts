import { z } from 'zod';
import { documentId, instant } from '../../protocol/identity.ts';

/** Of the file itself; docs/backup.md describes it. */
export const BACKUP_FORMAT = 1;
/** Bytes of one encrypted piece before encryption. */
export const PIECE_BYTES = 64 * 1024;
export const LONGEST_LINE = 4_096;

/** How the key is made of the passphrase. Bounded, because it is read before anything is proven. */
const kdf = z.object({
  name: z.literal('argon2id'),
  memoryKiB: z.number().int().min(8).max(262_144),
  passes: z.number().int().min(1).max(10),
  lanes: z.number().int().min(1).max(4),
  salt: z.base64url().length(22),
});
export type Kdf = z.infer<typeof kdf>;

/** First line of the file, never encrypted; nothing after it can be read if a bit of it was changed. */
export const backupHeader = z.object({
  reeve: z.literal('backup'),
  format: z.number().int().min(1),
  /** Version of Reeve that made it, and format of the data inside. */
  version: z.string().max(40),
  dataFormat: z.number().int().min(1),
  applianceId: documentId,
  madeAt: instant,
  /** What a backup without a passphrase does not hold, in words. */
  leftOut: z.array(z.string().max(80)).max(20),
  encryption: z.object({ cipher: z.literal('aes-256-gcm-stream'), kdf, check: z.string().max(64) }).nullable(),
});
export type BackupHeader = z.infer<typeof backupHeader>;

/** Before each file in it. */
export const entryHead = z.object({ path: z.string().min(1).max(300), bytes: z.number().int().min(0) });
/** After each file. */
export const entryTail = z.object({ sha256: z.string().length(64) });
/** Last line: how many files, and a digest of everything before this line, the header included. */
export const endLine = z.object({ end: z.literal(true), entries: z.number().int(), sha256: z.string().length(64) });

/** Why a file cannot be restored; the message says it to people. Nothing was changed. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: 'foreign' | 'newer' | 'damaged' | 'passphrase' | 'no-space';

  constructor(code: BackupError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export const damaged = (what: string): BackupError =>
  new BackupError('damaged', `The backup is damaged: ${what}. Nothing was changed; take another backup`);
