import { RESTORE_WORD } from '../../protocol/backups.ts';
import { type Example, NEVER } from './samples.ts';

const backupId = 'reeve-20260101T000000Z';
const ofBackup: Example = () => ({ params: { backupId } });
const ofHosts: Example = ({ hostId = NEVER }) => ({ query: { ids: hostId } });
const aMinute = 60_000;

/** Routes whose schema says too little of what they take. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  'history.read': ({ hostId = NEVER }) => ({
    query: { hosts: hostId, from: Date.now() - aMinute, to: Date.now() + aMinute },
  }),
  'hosts.removal': ofHosts,
  'hosts.removeSeveral': ofHosts,
  'hosts.editSeveral': ({ hostId = NEVER }) => ({ body: { hosts: [{ id: hostId, rev: 1 }], change: { role: 'x' } } }),
  // The public key of RFC 8291, appendix A: any point of the curve will do.
  'push.add': () => ({
    body: {
      endpoint: 'https://fcm.googleapis.com/fcm/send/sample',
      keys: {
        p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      },
    },
  }),
  'backups.download': ofBackup,
  'backups.remove': ofBackup,
  'backups.restore': ofBackup,
  'backups.restoreAtSetup': () => ({ body: { backupId, code: 'x', confirm: RESTORE_WORD } }),
};
