import { notificationSettings } from '../../../protocol/settings/notifications.ts';
import { section } from '../section.ts';

export const notifications = section({
  id: 'notifications',
  title: 'Notifications',
  scope: 'site',
  access: { read: 'viewer', change: 'admin' },
  settings: notificationSettings,
  defaults: { quiet: [], low: 'digest', digestAt: '08:00', mostAnHour: 30 },
});
