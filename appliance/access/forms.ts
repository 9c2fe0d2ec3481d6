import { z } from 'zod';
import { sshAccess } from '../../protocol/machine.ts';
import { subnetChange } from '../../protocol/network.ts';
import { quietWindow, routeFields } from '../../protocol/notifications.ts';
import { type FORMS, form, ownerForm, signedInForm, signInForm } from '../../protocol/routes/access.ts';
import { changePasswordForm, confirmSecondFactorForm, withPassword } from '../../protocol/routes/account.ts';
import { ruleForm } from '../../protocol/routes/alert-rules.ts';
import { addDeviceForm, changeDeviceForm } from '../../protocol/routes/devices.ts';
import { createKeyForm } from '../../protocol/routes/keys.ts';
import { fetchForm, hostNameForm } from '../../protocol/routes/machine.ts';
import { addSubnetForm } from '../../protocol/routes/network.ts';
import { createSiteForm, editSiteForm } from '../../protocol/routes/sites.ts';
import { changeMemberForm, createUserForm, editUserForm, resetPasswordForm } from '../../protocol/routes/users.ts';
import type { Routes } from '../serve.ts';

/** Forms that may be seen without signing in. */
const open = { owner: ownerForm, 'sign-in': signInForm };

const signedIn = {
  'change-password': changePasswordForm,
  'begin-second-factor': withPassword,
  'confirm-second-factor': confirmSecondFactorForm,
  'remove-second-factor': withPassword,
  'create-user': createUserForm,
  'edit-user': editUserForm,
  'reset-password': resetPasswordForm,
  'change-member': changeMemberForm,
  'create-site': createSiteForm,
  'edit-site': editSiteForm,
  'create-key': createKeyForm,
  'alert-rule': ruleForm,
  'notification-route': routeFields,
  'quiet-window': quietWindow,
  'add-subnet': addSubnetForm,
  'change-subnet': subnetChange,
  'add-device': addDeviceForm,
  'change-device': changeDeviceForm,
  'host-name': hostNameForm,
  'ssh-access': sshAccess,
  'fetch-update': fetchForm,
} satisfies Record<(typeof FORMS)[number], z.ZodType>;

const drawn = (schema: z.ZodType): Record<string, unknown> =>
  z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;

export function serveForms(routes: Routes): void {
  routes.serve(form, ({ params }) => drawn(open[params.form]));
  routes.serve(signedInForm, ({ params }) => drawn(signedIn[params.form]));
}
