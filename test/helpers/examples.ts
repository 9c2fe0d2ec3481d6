import { RESTORE_WORD } from '../../protocol/backups.ts';
import { type Example, type Ids, NEVER } from './samples.ts';

const backupId = 'reeve-20260101T000000Z';
const ofBackup: Example = () => ({ params: { backupId } });
const ofHosts: Example = ({ hostId = NEVER }) => ({ query: { ids: hostId } });
const aMinute = 60_000;
const quietOf = ({ hostId = NEVER }: Ids) => ({ reason: 'sample', match: { hostIds: [hostId], severities: ['low'] } });
const silenceOf = (ids: Ids) => ({ ...quietOf(ids), endsAt: Date.now() + aMinute });
const weekly = { kind: 'weekly', days: [7], from: '02:00', to: '04:00' };
const maintenanceOf = (ids: Ids) => ({ ...quietOf(ids), title: 'sample', schedule: weekly });

const twoDays = { from: '2026-05-01', to: '2026-05-03' };
const ofDays: Example = () => ({ query: twoDays });
const modelOf: Example = ({ hostId = NEVER }) => ({
  params: { hostId },
  body: { rev: 0, kind: 'model', value: { machine: 'nas-4' } },
});

const overSsh = ({ auditKeyId = NEVER }: Ids) => ({
  ...{ address: 'sample.invalid', user: 'reeve', keyId: auditKeyId, name: `sample ${Math.random()}` },
});
const sha256 = `SHA256:${'a'.repeat(43)}`;

/** Routes whose schema says too little of what they take. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  'silences.add': (ids) => ({ body: silenceOf(ids) }),
  'silences.change': (ids) => ({ body: { ...silenceOf(ids), rev: 1 } }),
  'maintenance.add': (ids) => ({ body: maintenanceOf(ids) }),
  'maintenance.change': (ids) => ({ body: { ...maintenanceOf(ids), rev: 1 } }),
  'silenced.ofHost': () => ({ query: { from: Date.now() - aMinute, to: Date.now() } }),
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
  'cost.series': ofDays,
  'cost.pattern': ({ hostId = NEVER }) => ({ query: { ...twoDays, hostId } }),
  'cost.export': ofDays,
  'cost.whatIf': ({ hostId = NEVER }) => ({
    body: { wish: { kind: 'sleep', hostId, from: '01:00', to: '07:00' } },
  }),
  'cost.importSpot': () => ({ body: { csv: '2026-05-03T13:00+02:00;0.21' } }),
  'cost.chooseSource': modelOf,
  'cost.testSource': ({ hostId = NEVER }) => ({ params: { hostId }, body: { kind: 'fixed', value: { watts: 5 } } }),
  'audits.addKey': () => ({ body: { name: 'sample' } }),
  'audits.addTarget': (ids) => ({ body: overSsh(ids) }),
  'audits.changeTarget': (ids) => ({ body: overSsh(ids) }),
  'audits.acceptHostKey': () => ({ body: { sha256 } }),
  'audits.waive': () => ({ body: { checkId: 'firewall', reason: 'sample' } }),
  'audits.makeJoin': ({ auditKeyId = NEVER }) => ({ body: { keyId: auditKeyId } }),
  'audits.join': () => ({
    body: { code: 'x', name: 'sample', port: 22, user: 'reeve', hostKeys: ['ssh-ed25519 AAAA'], step: 'begin' },
  }),
  'agents.executable': () => ({ params: { file: 'linux-x64.xz' } }),
  'machine.setSsh': () => ({ body: { enabled: false, keys: [`ssh-ed25519 ${'A'.repeat(68)} sample`] } }),
  'machine.fetchUpdate': () => ({ body: { url: 'http://10.0.0.2/reeve.update' } }),
  'backups.download': ofBackup,
  'backups.remove': ofBackup,
  'backups.restore': ofBackup,
  'network.addSubnet': () => ({ body: { cidr: '10.88.7.0/24' } }),
  'network.addDevice': () => ({ body: { name: 'sample', mac: '00:1a:2b:3c:4d:5f' } }),
  'network.trust': ({ deviceId = NEVER }) => ({ body: { deviceIds: [deviceId] } }),
  'backups.restoreAtSetup': () => ({ body: { backupId, code: 'x', confirm: RESTORE_WORD } }),
};
