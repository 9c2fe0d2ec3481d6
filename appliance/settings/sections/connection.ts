import { connectionSettings } from '../../../protocol/settings/connection.ts';
import { section } from '../section.ts';

export const connection = section({
  id: 'connection',
  title: 'Connection',
  scope: 'appliance',
  access: { read: 'owner', change: 'owner' },
  settings: connectionSettings,
  defaults: { httpsOnly: false },
});
