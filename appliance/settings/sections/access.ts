import { accessSettings } from '../../../protocol/settings/access.ts';
import { section } from '../section.ts';

export const access = section({
  id: 'access',
  title: 'People of this site',
  scope: 'site',
  access: { read: 'viewer', change: 'admin' },
  settings: accessSettings,
  defaults: { operatorsOnlyView: false },
});
