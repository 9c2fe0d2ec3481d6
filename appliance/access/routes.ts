import {
  changeSite,
  createOwner,
  endSession,
  entry,
  listSessions,
  type SessionAnswer,
  signIn,
  signOut,
} from '../../protocol/routes/access.ts';
import type { OnboardingStep } from '../../protocol/routes/dashboard.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Call, Routes } from '../serve.ts';
import { mayDo, type Session } from '../session.ts';
import type { Access } from './access.ts';
import { serveAccount } from './account-routes.ts';
import { serveForms } from './forms.ts';
import { serveKeys } from './key-routes.ts';
import { sessionCookie } from './sessions.ts';
import type { Caller } from './sign-in.ts';
import { type SiteParts, serveSites } from './site-routes.ts';
import { serveUsers } from './user-routes.ts';

export interface AccessRouteParts {
  access: Access;
  version: string;
  now: () => number;
  hostsOf: SiteParts['hostsOf'];
  /** What setting up asks the owner for next. */
  nextStep(): OnboardingStep;
}

export function serveAccess(routes: Routes, parts: AccessRouteParts): void {
  serveEntry(routes, parts);
  serveSessions(routes, parts.access);
  serveForms(routes);
  serveAccount(routes, parts);
  serveUsers(routes, parts.access);
  serveSites(routes, parts);
  serveKeys(routes, parts);
}

function describe(access: Access, session: Session): SessionAnswer {
  const { kind, userId, userName, role, siteId, expiresAt } = session;
  const siteName = access.sites.get(siteId)?.name ?? '';
  return { kind, userId, userName, role, siteId, siteName, sites: access.enterable(session), expiresAt };
}

const callerOf = ({ from, header }: Pick<Call<typeof signIn>, 'from' | 'header'>): Caller => ({
  from,
  browser: header('user-agent') ?? '',
});

function serveEntry(routes: Routes, { access, version, now, nextStep }: AccessRouteParts): void {
  routes.serve(entry, ({ session }) => {
    const step = session && mayDo(session, 'owner') ? nextStep() : 'done';
    return {
      version,
      setUp: access.site !== undefined,
      session: session ? describe(access, session) : null,
      ...(step !== 'done' && { next: step }),
    };
  });

  routes.serve(createOwner, async ({ body, secure, setHeader, note, ...call }) => {
    const { session, token } = await access.createOwner(body, callerOf(call));
    setHeader('set-cookie', sessionCookie(token, secure, session.expiresAt - now()));
    note({ what: 'owner.created', who: session.userName, siteId: session.siteId });
    return describe(access, session);
  });

  routes.serve(signIn, async ({ body, secure, setHeader, note, ...call }) => {
    const { session, token, proof } = await access.signIn.open(body, callerOf(call));
    setHeader('set-cookie', sessionCookie(token, secure, session.expiresAt - now()));
    const detail = { sessionId: session.id, ...(proof && { secondFactor: proof }) };
    note({ what: 'session.opened', who: session.userName, siteId: session.siteId, detail });
    return describe(access, session);
  });
}

function serveSessions(routes: Routes, access: Access): void {
  routes.serve(signOut, async ({ session, secure, setHeader }) => {
    await access.sessions.end(session.id);
    setHeader('set-cookie', sessionCookie('', secure, 0));
    return null;
  });

  routes.serve(changeSite, async ({ session, body, note }) => {
    const moved = await access.sessions.goTo(session.id, body.siteId);
    note({ siteId: moved.siteId });
    return describe(access, moved);
  });

  routes.serve(listSessions, ({ session, query }) => {
    const { userId = session.userId } = query;
    if (userId !== session.userId && !mayDo(session, 'owner')) throw new Problem('not-found', 'There is no such user');
    const { userName } = access.users.need(userId);
    const page = pageOf(access.sessions.list(userId), query, ({ id }) => id);
    const items = page.items.map(({ id, createdAt, expiresAt, lastSeenAt, from, browser = '' }) => ({
      ...{ id, userId, userName, createdAt, expiresAt, lastSeenAt, from, browser },
      isCurrent: id === session.id,
    }));
    return { ...page, items };
  });

  routes.serve(endSession, async ({ session, params, note }) => {
    const record = access.sessions.get(params.sessionId);
    if (!record || (record.userId !== session.userId && !mayDo(session, 'owner')))
      throw new Problem('not-found', 'There is no such session');
    await access.sessions.end(record.id);
    note({ siteId: record.siteId, detail: { user: access.users.get(record.userId)?.userName } });
    return null;
  });
}
