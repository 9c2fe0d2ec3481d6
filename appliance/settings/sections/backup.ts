import { backupSettings } from '../../../protocol/settings/backup.ts';
import { section } from '../section.ts';

export const backup = section({
  id: 'backup',
  title: 'Backup',
  scope: 'appliance',
  access: { read: 'owner', change: 'owner' },
  settings: backupSettings,
  defaults: { schedule: 'never', weekday: 'sunday', time: '03:30', keep: 7, folder: '' },
});
