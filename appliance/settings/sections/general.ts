import { generalSettings } from '../../../protocol/settings/general.ts';
import { section } from '../section.ts';

export const general = section({
  id: 'general',
  title: 'General',
  scope: 'site',
  access: { read: 'viewer', change: 'admin' },
  settings: generalSettings,
  defaults: { timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone, currency: 'EUR', pricePerKwh: 0.24 },
});
