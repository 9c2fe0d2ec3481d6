import { updateSettings } from '../../../protocol/settings/update.ts';
import { section } from '../section.ts';

export const update = section({
  id: 'update',
  title: 'Update',
  scope: 'appliance',
  access: { read: 'owner', change: 'owner' },
  settings: updateSettings,
  defaults: { schedule: 'never', weekday: 'sunday', from: '03:00', until: '05:00', url: '' },
  onImage: true,
});
