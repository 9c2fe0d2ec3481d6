import { z } from 'zod';
import {
  createOwner,
  entry,
  form,
  ownerForm,
  type SessionAnswer,
  signIn,
  signOut,
} from '../../protocol/routes/access.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { Access } from './access.ts';
import { sessionCookie } from './sessions.ts';

/** Forms that may be seen without signing in. */
const forms = { owner: ownerForm, 'sign-in': signIn.body };

export function serveAccess(routes: Routes, access: Access, version: string): void {
  const describe = async (session: Session): Promise<SessionAnswer> => ({
    userId: session.userId,
    userName: session.userName,
    role: session.role,
    siteId: session.siteId,
    siteName: await access.siteName(session.siteId),
    expiresAt: session.expiresAt,
  });

  routes.serve(entry, async ({ session }) => ({
    version,
    setUp: access.site !== undefined,
    session: session ? await describe(session) : null,
  }));

  routes.serve(createOwner, async ({ body, from, secure, setHeader }) => {
    const opened = await access.createOwner(body, from);
    setHeader('set-cookie', sessionCookie(opened.token, secure));
    return describe(opened.session);
  });

  routes.serve(signIn, async ({ body, from, secure, setHeader }) => {
    const opened = await access.signIn(body, from);
    setHeader('set-cookie', sessionCookie(opened.token, secure));
    return describe(opened.session);
  });

  routes.serve(signOut, async ({ session, secure, setHeader }) => {
    await access.signOut(session);
    setHeader('set-cookie', sessionCookie('', secure));
    return null;
  });

  routes.serve(form, ({ params }) => {
    const schema = forms[params.form];
    if (!schema) throw new Problem('not-found');
    return z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
  });
}
