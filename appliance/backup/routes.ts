import { UPLOAD_PIECE_BYTES } from '../../protocol/backups.ts';
import type { JobRun } from '../../protocol/jobs.ts';
import {
  beginSetupUpload,
  beginUpload,
  downloadBackup,
  listBackups,
  readSetupRestore,
  removeBackup,
  restoreAtSetup,
  restoreBackup,
  uploadPiece,
  uploadSetupPiece,
} from '../../protocol/routes/backups.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import { type Routes, Streamed } from '../serve.ts';
import type { Backups } from './backups.ts';
import { BackupError } from './format.ts';

export interface BackupRouteParts {
  backups: Backups;
  /** Starts the job `restore`. */
  startRestore(by: string): Promise<JobRun>;
  /** The run of the job `restore` that is under way, else the last one since the start. */
  lastRestore(): JobRun | undefined;
  /** Fails unless the appliance has no owner yet and the code is right; without a code only the first. */
  checkSetup(code?: string): void;
}

export function serveBackups(
  routes: Routes,
  { backups, startRestore, lastRestore, checkSetup }: BackupRouteParts,
): void {
  routes.serve(listBackups, async ({ query }) => pageOf(await backups.list(), query, ({ id }) => id));

  routes.serve(downloadBackup, async ({ params, note }) => {
    const { bytes, name, pieces } = await backups.read(params.backupId);
    note({ detail: { bytes } });
    const headers = { 'content-length': String(bytes), 'content-disposition': `attachment; filename="${name}"` };
    return new Streamed({ type: 'application/octet-stream', pieces, headers });
  });

  routes.serve(removeBackup, async ({ params }) => {
    await backups.remove(params.backupId);
    return null;
  });

  const begin = async () => ({ uploadId: await backups.uploads.begin(), pieceBytes: UPLOAD_PIECE_BYTES });
  const take = (uploadId: string, query: { offset: number; last: string }, piece: Uint8Array) =>
    refusing(() => backups.upload(uploadId, { offset: query.offset, piece, isLast: query.last === 'true' }));

  routes.serve(beginUpload, begin);
  routes.serve(uploadPiece, ({ params, query, upload }) => take(params.uploadId, query, upload));

  routes.serve(restoreBackup, async ({ params, body, session }) => {
    await refusing(() => backups.want(params.backupId, { passphrase: body.passphrase, by: session.userName }));
    return startRestore(session.userName);
  });

  routes.serve(beginSetupUpload, ({ body }) => {
    checkSetup(body.code);
    return begin();
  });
  routes.serve(uploadSetupPiece, ({ params, query, upload }) => {
    checkSetup();
    return take(params.uploadId, query, upload);
  });
  routes.serve(restoreAtSetup, async ({ body, note }) => {
    checkSetup(body.code);
    await refusing(() => backups.want(body.backupId, { passphrase: body.passphrase, by: 'set-up' }));
    note({ who: 'set-up', detail: { backupId: body.backupId } });
    return stateOf(await startRestore('set-up'));
  });
  routes.serve(readSetupRestore, () => {
    checkSetup();
    return stateOf(lastRestore());
  });
}

function stateOf(run: JobRun | undefined) {
  if (!run) return { state: 'none' as const, text: '' };
  const state = run.state === 'running' || run.state === 'done' ? run.state : ('failed' as const);
  const { progress } = run;
  return {
    state,
    text: run.text || (progress?.text ?? ''),
    ...(progress && { done: progress.done, ...(progress.of !== undefined && { of: progress.of }) }),
  };
}

/** Why a backup is not taken, as a problem. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    throw new Problem(error.code === 'passphrase' ? 'wrong-passphrase' : 'backup-refused', error.message);
  }
}
