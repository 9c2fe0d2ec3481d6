import { z } from 'zod';
import { documentId, instant } from '../identity.ts';
import { route } from '../route.ts';
import { password, role, secondFactorCode } from './access.ts';

const currentPassword = z
  .string()
  .min(1, 'give your present password')
  .max(256)
  .meta({ title: 'Your present password', secret: true, order: 1 });

export const account = z.object({
  userId: documentId,
  userName: z.string(),
  isOwner: z.boolean(),
  createdAt: instant,
  passwordChangedAt: instant,
  /** What the person may do, site by site. */
  sites: z.array(z.object({ id: documentId, name: z.string(), role })),
  secondFactor: z.object({ isOn: z.boolean(), recoveryCodesLeft: z.number().int() }),
});
export type Account = z.infer<typeof account>;

const own = { access: 'viewer', site: 'none', personal: true } as const;

export const readAccount = route({
  id: 'account.read',
  method: 'GET',
  path: '/api/v1/account',
  ...own,
  summary: 'Reads the own account',
  answer: account,
  errors: ['not-signed-in', 'not-allowed'],
});

export const changePasswordForm = z.object({
  current: currentPassword,
  password: password.meta({ title: 'New password', secret: true, order: 2 }),
});

/** Ends every other session of the account. */
export const changePassword = route({
  id: 'account.changePassword',
  method: 'PUT',
  path: '/api/v1/account/password',
  ...own,
  summary: 'Changes the own password',
  body: changePasswordForm,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'wrong-credentials', 'too-many-requests'],
});

export const withPassword = z.object({ password: currentPassword });

/** Nothing is switched on by it: a code has to show that the app has the secret. */
export const beginSecondFactor = route({
  id: 'account.beginSecondFactor',
  method: 'POST',
  path: '/api/v1/account/second-factor',
  ...own,
  summary: 'Makes a secret for an authenticator app',
  body: withPassword,
  answer: z.object({
    /** Base32, to be typed where no camera is. */
    secret: z.string(),
    /** `otpauth://…`, to be drawn as a QR code. */
    uri: z.string(),
    expiresAt: instant,
  }),
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'wrong-credentials', 'too-many-requests', 'conflict'],
});

export const confirmSecondFactorForm = z.object({
  code: secondFactorCode.meta({ title: 'Six digits that your app shows' }),
});

export const confirmSecondFactor = route({
  id: 'account.confirmSecondFactor',
  method: 'POST',
  path: '/api/v1/account/second-factor/confirm',
  ...own,
  summary: 'Switches the second factor on and gives recovery codes, shown this once',
  body: confirmSecondFactorForm,
  answer: z.object({ recoveryCodes: z.array(z.string()) }),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'wrong-credentials', 'too-many-requests', 'conflict'],
});

export const removeSecondFactor = route({
  id: 'account.removeSecondFactor',
  method: 'POST',
  path: '/api/v1/account/second-factor/remove',
  ...own,
  summary: 'Switches the second factor off',
  body: withPassword,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'wrong-credentials', 'too-many-requests'],
});

export const accountRoutes = [
  readAccount,
  changePassword,
  beginSecondFactor,
  confirmSecondFactor,
  removeSecondFactor,
] as const;
