import { z } from 'zod';
import { instant } from './identity.ts';

/** Name of a kept backup: its file without the ending. */
export const backupId = z
  .string()
  .max(80)
  .regex(/^(?:reeve|upload)-[0-9TZ-]+$/, 'name a backup as the list does');

/** One backup file in the folder for backups. */
export const backupAnswer = z.object({
  id: backupId,
  madeAt: instant,
  bytes: z.number().int(),
  /** Version of Reeve that made it. */
  version: z.string(),
  /** With a passphrase: then it holds keys, accounts and pairings too. */
  isEncrypted: z.boolean(),
  /** Of this appliance. */
  isOwn: z.boolean(),
  /** Made here and checked by restoring it into a scratch folder; false for an uploaded one. */
  isMade: z.boolean(),
  /** What it does not hold, in words. */
  leftOut: z.array(z.string()),
});
export type BackupAnswer = z.infer<typeof backupAnswer>;

/** Bytes of one piece of an upload: what comes within the time limit of a request over a slow link. */
export const UPLOAD_PIECE_BYTES = 4 * 1024 * 1024;

/** Word that a restore asks for, so that none happens by a slip. */
export const RESTORE_WORD = 'restore';

export const restoreState = z.object({
  state: z.enum(['none', 'running', 'done', 'failed']),
  text: z.string(),
  done: z.number().min(0).exactOptional(),
  of: z.number().min(0).exactOptional(),
});
