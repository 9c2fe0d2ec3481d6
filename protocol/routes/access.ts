import { z } from 'zod';
import { displayName, documentId, instant } from '../identity.ts';
import { route } from '../route.ts';

/** Long rather than odd: NIST SP 800-63B §3.1.1.2. */
export const password = z
  .string()
  .min(10, 'use at least 10 characters')
  .max(256, 'use at most 256 characters')
  .meta({ title: 'Password', secret: true });

export const userName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,63}$/, 'use letters, digits and . _ @ + -')
  .meta({ title: 'User name' });

export const sessionAnswer = z.object({
  userId: documentId,
  userName: z.string(),
  role: z.enum(['viewer', 'operator', 'admin', 'owner']),
  siteId: documentId,
  siteName: z.string(),
  expiresAt: instant,
});
export type SessionAnswer = z.infer<typeof sessionAnswer>;

/** First question of every dashboard: is there an owner, and am I signed in? */
export const entry = route({
  id: 'access.entry',
  method: 'GET',
  path: '/api/v1/entry',
  access: 'public',
  beforeSetup: true,
  site: 'none',
  summary: 'Says whether the appliance is set up and who is signed in',
  answer: z.object({ version: z.string(), setUp: z.boolean(), session: sessionAnswer.nullable() }),
  errors: [],
});

/** The owner's account; `code` is the set-up code that the appliance printed at its start. */
export const ownerForm = z.object({
  code: z
    .string()
    .min(1, 'open the link that the appliance printed: it holds the code')
    .max(64)
    .meta({ title: 'Set-up code', order: 1 }),
  siteName: displayName.default('Home').meta({ title: 'Name of this site', order: 2 }),
  userName: userName.meta({ title: 'User name', order: 3 }),
  password: password.meta({ title: 'Password', secret: true, order: 4 }),
});

export const createOwner = route({
  id: 'access.createOwner',
  method: 'POST',
  path: '/api/v1/setup/owner',
  access: 'setup',
  beforeSetup: true,
  site: 'none',
  summary: 'Makes the owner account and signs in',
  body: ownerForm,
  answer: sessionAnswer,
  status: 201,
  errors: ['invalid-request', 'already-set-up', 'wrong-credentials', 'too-many-requests'],
});

export const signIn = route({
  id: 'access.signIn',
  method: 'POST',
  path: '/api/v1/session',
  access: 'public',
  site: 'none',
  summary: 'Signs in with name and password',
  body: z.object({
    userName,
    password: z.string().min(1, 'give the password').max(256).meta({ title: 'Password', secret: true }),
  }),
  answer: sessionAnswer,
  status: 201,
  errors: ['invalid-request', 'wrong-credentials', 'too-many-requests', 'setup-required'],
});

export const signOut = route({
  id: 'access.signOut',
  method: 'DELETE',
  path: '/api/v1/session',
  access: 'viewer',
  site: 'none',
  summary: 'Ends the session on the appliance',
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in'],
});

/** JSON Schema of a form, drawn by the dashboard and checked by the route of the same schema. */
export const form = route({
  id: 'access.form',
  method: 'GET',
  path: '/api/v1/forms/:form',
  access: 'public',
  beforeSetup: true,
  site: 'none',
  summary: 'Answers with the JSON Schema of a form',
  params: z.object({ form: z.enum(['owner', 'sign-in']) }),
  answer: z.record(z.string(), z.unknown()),
  errors: ['not-found'],
});

export const accessRoutes = [entry, createOwner, signIn, signOut, form] as const;
