import type { BackupAnswer } from '../../protocol/backups.ts';
import { msg } from '../msg.ts';
import { ApiProblem, call } from '../rest.ts';

export interface UploadOptions {
  file: File;
  onShare(share: number): void;
  signal: AbortSignal;
  /** At set-up: in the place of a session. */
  setupCode?: string;
}

/** Sends a backup file in pieces, so that its size is bounded by the appliance's disk alone. */
export async function uploadBackup({ file, onShare, signal, setupCode }: UploadOptions): Promise<BackupAnswer> {
  const { uploadId, pieceBytes } = await (setupCode === undefined
    ? call('POST /api/v1/backups/uploads')
    : call('POST /api/v1/setup/uploads', { body: { code: setupCode } }));
  const folder = setupCode === undefined ? '/api/v1/backups/uploads' : '/api/v1/setup/uploads';
  for (let offset = 0; ; offset += pieceBytes) {
    const isLast = offset + pieceBytes >= file.size;
    const piece = file.slice(offset, offset + pieceBytes);
    const answer = await send(`${folder}/${uploadId}?offset=${offset}&last=${isLast}`, piece, signal);
    onShare(Math.min(1, (offset + pieceBytes) / file.size));
    if (isLast && answer.backup) return answer.backup;
  }
}

async function send(path: string, piece: Blob, signal: AbortSignal): Promise<{ bytes: number; backup?: BackupAnswer }> {
  const response = await fetch(path, {
    method: 'PUT',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/octet-stream' },
    body: piece,
    signal,
  });
  if (response.ok) return response.json();
  const { code = 'unexpected', detail } = await response.json().catch(() => ({}));
  throw new ApiProblem(code, response.status, { message: detail ?? msg('The file could not be sent') });
}
