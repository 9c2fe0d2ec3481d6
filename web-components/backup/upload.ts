import type { BackupAnswer } from '../../protocol/backups.ts';
import type { Sent } from '../parts/upload.ts';
import { call } from '../rest.ts';
import { sendPieces } from '../system/send-pieces.ts';

export interface UploadOptions extends Sent {
  file: File;
  /** At set-up: in the place of a session. */
  setupCode?: string;
}

/** Sends a backup file in pieces, so that its size is bounded by the appliance's disk alone. */
export async function uploadBackup({ file, onShare, signal, setupCode }: UploadOptions): Promise<BackupAnswer> {
  const { uploadId, pieceBytes } = await (setupCode === undefined
    ? call('POST /api/v1/backups/uploads')
    : call('POST /api/v1/setup/uploads', { body: { code: setupCode } }));
  const folder = setupCode === undefined ? '/api/v1/backups/uploads' : '/api/v1/setup/uploads';
  const answer = await sendPieces({ path: `${folder}/${uploadId}`, pieceBytes, file, onShare, signal });
  return answer.backup as BackupAnswer;
}
