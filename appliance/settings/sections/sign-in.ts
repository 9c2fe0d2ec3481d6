import { signInSettings } from '../../../protocol/settings/access.ts';
import { section } from '../section.ts';

export const signIn = section({
  id: 'sign-in',
  title: 'Signing in',
  scope: 'appliance',
  access: { read: 'owner', change: 'owner' },
  settings: signInSettings,
  defaults: { sessionDays: 30 },
});
