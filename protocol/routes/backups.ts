import { z } from 'zod';
import { backupAnswer, backupId, RESTORE_WORD, restoreState, UPLOAD_PIECE_BYTES } from '../backups.ts';
import { jobRun } from '../jobs.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const params = z.object({ backupId });
const uploadParams = z.object({ uploadId: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'an id that this appliance gave') });
const offset = z.coerce.number().int().min(0).meta({ title: 'How many bytes came before' });
const last = z.enum(['true', 'false']).default('false').meta({ title: 'Whether this is the last piece' });
const uploadQuery = z.object({ offset, last });
const uploadAnswer = z.object({ bytes: z.number().int(), backup: backupAnswer.exactOptional() });
const passphrase = z.string().max(1_000).optional().meta({ title: 'Passphrase', secret: true });
const begun = z.object({ uploadId: z.string(), pieceBytes: z.number().int() });

export const listBackups = route({
  id: 'backups.list',
  method: 'GET',
  path: '/api/v1/backups',
  access: 'owner',
  site: 'none',
  summary: 'Lists the backups that are kept, oldest first',
  query: z.object(pageQuery),
  answer: paged(backupAnswer),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

/** A new one is made by the job `backup`. */
export const downloadBackup = route({
  id: 'backups.download',
  method: 'GET',
  path: '/api/v1/backups/:backupId/file',
  access: 'owner',
  site: 'none',
  summary: 'Answers with the file of a backup',
  params,
  answer: 'application/octet-stream',
  media: ['application/octet-stream'],
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'not-found'],
});

export const removeBackup = route({
  id: 'backups.remove',
  method: 'DELETE',
  path: '/api/v1/backups/:backupId',
  access: 'owner',
  site: 'none',
  summary: 'Deletes a backup',
  params,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'not-found', 'storage-unavailable'],
});

/** One upload at a time; a new one drops what was not finished. */
export const beginUpload = route({
  id: 'backups.beginUpload',
  method: 'POST',
  path: '/api/v1/backups/uploads',
  access: 'owner',
  site: 'none',
  summary: 'Begins the upload of a backup file; its pieces follow',
  answer: begun,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'storage-unavailable'],
});

export const uploadPiece = route({
  id: 'backups.upload',
  method: 'PUT',
  path: '/api/v1/backups/uploads/:uploadId',
  access: 'owner',
  site: 'none',
  summary: 'Takes the next piece of a backup file; after the last one it is in the list',
  params: uploadParams,
  query: uploadQuery,
  uploadBytes: UPLOAD_PIECE_BYTES,
  answer: uploadAnswer,
  errors: [
    'not-signed-in',
    'not-allowed',
    'invalid-request',
    'not-found',
    'too-large',
    'backup-refused',
    'storage-unavailable',
  ],
});

/** Answers when passphrase and format are right; unpacking and checking go on as the job `restore`, then the appliance starts anew. */
export const restoreBackup = route({
  id: 'backups.restore',
  method: 'POST',
  path: '/api/v1/backups/:backupId/restore',
  access: 'owner',
  site: 'none',
  summary: 'Puts a backup in the place of all data of the appliance, and starts it anew',
  params,
  body: z.object({ passphrase, confirm: z.literal(RESTORE_WORD, `write ${RESTORE_WORD}`) }),
  answer: jobRun,
  status: 202,
  errors: [
    'not-signed-in',
    'not-allowed',
    'invalid-request',
    'not-found',
    'conflict',
    'backup-refused',
    'wrong-passphrase',
    'storage-unavailable',
  ],
});

const code = z.string().min(1, 'give the set-up code').max(64).meta({ title: 'Set-up code', secret: true });

export const beginSetupUpload = route({
  id: 'backups.beginSetupUpload',
  method: 'POST',
  path: '/api/v1/setup/uploads',
  access: 'setup',
  beforeSetup: true,
  site: 'none',
  summary: 'Begins the upload of a backup to an appliance that has no owner yet',
  body: z.object({ code }),
  answer: begun,
  status: 201,
  errors: ['invalid-request', 'already-set-up', 'wrong-credentials', 'too-many-requests', 'storage-unavailable'],
});

/** The id of the upload is as hard to guess as the set-up code for which it was given. */
export const uploadSetupPiece = route({
  id: 'backups.uploadAtSetup',
  method: 'PUT',
  path: '/api/v1/setup/uploads/:uploadId',
  access: 'setup',
  beforeSetup: true,
  site: 'none',
  summary: 'Takes the next piece of a backup for an appliance that has no owner yet',
  params: uploadParams,
  query: uploadQuery,
  uploadBytes: UPLOAD_PIECE_BYTES,
  answer: uploadAnswer,
  errors: ['invalid-request', 'already-set-up', 'not-found', 'too-large', 'backup-refused', 'storage-unavailable'],
});

export const restoreAtSetup = route({
  id: 'backups.restoreAtSetup',
  method: 'POST',
  path: '/api/v1/setup/restore',
  access: 'setup',
  beforeSetup: true,
  site: 'none',
  summary: 'Restores an uploaded backup instead of making an owner, and starts the appliance anew',
  body: z.object({ code, backupId, passphrase }),
  answer: restoreState,
  status: 202,
  errors: [
    'invalid-request',
    'already-set-up',
    'wrong-credentials',
    'too-many-requests',
    'not-found',
    'backup-refused',
    'wrong-passphrase',
    'storage-unavailable',
  ],
});

export const readSetupRestore = route({
  id: 'backups.readSetupRestore',
  method: 'GET',
  path: '/api/v1/setup/restore',
  access: 'setup',
  beforeSetup: true,
  site: 'none',
  summary: 'Says how far the restore at set-up is',
  answer: restoreState,
  errors: ['already-set-up'],
});

export const backupsRoutes = [
  listBackups,
  downloadBackup,
  removeBackup,
  beginUpload,
  uploadPiece,
  restoreBackup,
  beginSetupUpload,
  uploadSetupPiece,
  restoreAtSetup,
  readSetupRestore,
] as const;
