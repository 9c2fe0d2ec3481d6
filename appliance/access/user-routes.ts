import {
  changeMember,
  createUser,
  editUser,
  listMembers,
  listUsers,
  readUser,
  removeMember,
  removeUser,
  resetPassword,
  resetSecondFactor,
  type User as UserAnswer,
} from '../../protocol/routes/users.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { Access } from './access.ts';
import type { User } from './documents.ts';
import { hashPassword } from './passwords.ts';
import { roleIn, type UserChange } from './users.ts';

export function serveUsers(routes: Routes, access: Access): void {
  serveAccounts(routes, access);
  serveResets(routes, access);
  serveMembers(routes, access);
}

function describe(access: Access, user: User): UserAnswer {
  const { id, rev, userName, isOwner, roles, createdAt, secondFactor } = user;
  const lastSeenAt = Math.max(0, ...access.sessions.list(id).map((session) => session.lastSeenAt));
  const seen = lastSeenAt > 0 && { lastSeenAt };
  return { id, rev, userName, isOwner, roles, hasSecondFactor: secondFactor !== undefined, createdAt, ...seen };
}

/** What the audit trail keeps of an account. */
const shown = ({ userName, isOwner, roles }: UserChange): object => ({ userName, isOwner, roles });

function serveAccounts(routes: Routes, access: Access): void {
  const { users, sites } = access;
  const check = (roles: User['roles'] = []): void => {
    for (const [n, { siteId }] of roles.entries())
      if (!sites.get(siteId))
        throw new Problem('invalid-request', 'There is no such site', [
          { path: `body.roles.${n}.siteId`, message: 'there is no such site' },
        ]);
  };

  routes.serve(listUsers, ({ query }) => {
    const page = pageOf(users.all(), query, ({ id }) => id);
    return { ...page, items: page.items.map((user) => describe(access, user)) };
  });

  routes.serve(readUser, ({ params, setHeader }) => {
    const user = users.need(params.userId);
    setHeader('etag', `"${user.rev}"`);
    return describe(access, user);
  });

  routes.serve(createUser, async ({ body, note }) => {
    const { password, ...given } = body;
    check(given.roles);
    const user = await access.addUser({ ...given, passwordHash: await hashPassword(password) });
    note({ detail: { userId: user.id }, after: shown(user) });
    return describe(access, user);
  });

  routes.serve(editUser, async ({ params, body, note }) => {
    const { rev, userName, isOwner, roles } = body;
    check(roles);
    const before = users.need(params.userId);
    const change = {
      ...(userName !== undefined && { userName }),
      ...(isOwner !== undefined && { isOwner }),
      ...(roles && { roles }),
    };
    const after = await users.change(params.userId, () => change, rev);
    note({ before: shown(before), after: shown(after) });
    return describe(access, after);
  });
}

/** For other accounts only; the own password is changed by whoever knows it. */
function otherThan(session: Session, access: Access, userId: string): User {
  if (userId === session.userId) throw new Problem('own-account', 'Change your own account on its page');
  return access.users.need(userId);
}

function serveResets(routes: Routes, access: Access): void {
  routes.serve(removeUser, async ({ session, params, note }) => {
    const user = otherThan(session, access, params.userId);
    await access.users.remove(user.id);
    note({ before: shown(user) });
    return null;
  });

  routes.serve(resetPassword, async ({ session, params, body, note }) => {
    const { id, userName } = otherThan(session, access, params.userId);
    await access.setPassword(id, body.password);
    note({ detail: { user: userName } });
    return null;
  });

  routes.serve(resetSecondFactor, async ({ session, params, note }) => {
    const { id, userName } = otherThan(session, access, params.userId);
    await access.users.change(id, () => ({ secondFactor: null }));
    note({ detail: { user: userName } });
    return null;
  });
}

function serveMembers(routes: Routes, access: Access): void {
  const { users } = access;
  /** Somebody with a role in the site; anybody else is as absent as if they never were. */
  const need = (siteId: string, userId: string): User => {
    const user = users.get(userId);
    if (!user || !roleIn(user, siteId)) throw new Problem('not-found', 'There is no such member');
    if (user.isOwner) throw new Problem('not-allowed', 'Owners of the appliance are in every site');
    return user;
  };
  const describeIn = (siteId: string, { id, userName, ...user }: User) => ({
    userId: id,
    userName,
    role: roleIn({ id, userName, ...user }, siteId) ?? 'viewer',
  });

  routes.serve(listMembers, ({ session, query }) => {
    const members = users.all().filter((user) => roleIn(user, session.siteId) !== undefined);
    const page = pageOf(members, query, ({ id }) => id);
    return { ...page, items: page.items.map((user) => describeIn(session.siteId, user)) };
  });

  routes.serve(changeMember, async ({ session, params, body, note }) => {
    const { siteId } = session;
    const { userName } = need(siteId, params.userId);
    const after = await users.change(params.userId, ({ roles }) => {
      if (roles.find((each) => each.siteId === siteId)?.role !== body.was)
        throw new Problem('conflict', 'Somebody else changed this member; load it again');
      return { roles: roles.map((each) => (each.siteId === siteId ? { siteId, role: body.role } : each)) };
    });
    note({ detail: { user: userName }, before: { role: body.was }, after: { role: body.role } });
    return describeIn(siteId, after);
  });

  routes.serve(removeMember, async ({ session, params, note }) => {
    const { userName } = need(session.siteId, params.userId);
    await users.change(params.userId, ({ roles }) => ({
      roles: roles.filter(({ siteId }) => siteId !== session.siteId),
    }));
    note({ detail: { user: userName } });
    return null;
  });
}
