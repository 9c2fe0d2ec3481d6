import {
  beginSecondFactor,
  changePassword,
  confirmSecondFactor,
  readAccount,
  removeSecondFactor,
} from '../../protocol/routes/account.ts';
import type { Routes } from '../serve.ts';
import type { Access } from './access.ts';

export interface AccountParts {
  access: Access;
  now: () => number;
}

/** The own account. Whatever changes how it is signed in to asks for the password: a stolen session must not take it over. */
export function serveAccount(routes: Routes, { access, now }: AccountParts): void {
  routes.serve(readAccount, ({ session }) => {
    const { id, userName, isOwner, createdAt, passwordChangedAt, secondFactor } = access.users.need(session.userId);
    return {
      userId: id,
      userName,
      isOwner,
      createdAt,
      passwordChangedAt: passwordChangedAt ?? createdAt,
      sites: access.enterable(session),
      secondFactor: { isOn: secondFactor !== undefined, recoveryCodesLeft: secondFactor?.recovery.length ?? 0 },
    };
  });

  routes.serve(changePassword, async ({ session, body, from }) => {
    await access.signIn.checkPassword(session.userId, body.current, from);
    await access.setPassword(session.userId, body.password, session.id);
    return null;
  });

  routes.serve(beginSecondFactor, async ({ session, body, from }) => {
    const user = await access.signIn.checkPassword(session.userId, body.password, from);
    return access.factors.begin(user, now());
  });

  routes.serve(confirmSecondFactor, async ({ session, body, from }) => {
    access.signIn.takeTry(session, from);
    const recoveryCodes = await access.factors.confirm(access.users.need(session.userId), body.code, now());
    return { recoveryCodes };
  });

  routes.serve(removeSecondFactor, async ({ session, body, from }) => {
    await access.signIn.checkPassword(session.userId, body.password, from);
    await access.users.change(session.userId, () => ({ secondFactor: null }));
    return null;
  });
}
