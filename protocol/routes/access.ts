// Over 250 lines because every form that a dashboard draws is named here, beside the routes of signing in.
import { z } from 'zod';
import { displayName, documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { onboardingStep } from './dashboard.ts';

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

export const role = z.enum(['viewer', 'operator', 'admin', 'owner']).meta({ title: 'Role' });
/** The roles that are given for one site. */
export const siteRole = z.enum(['viewer', 'operator', 'admin']).meta({ title: 'Role' });

/** A site that somebody may enter, and as what. */
const enterable = z.object({ id: documentId, name: z.string(), role });

export const sessionAnswer = z.object({
  /** A person who signed in, or an API key. */
  kind: z.enum(['user', 'key']),
  userId: documentId,
  userName: z.string(),
  /** In the current site; where only viewing is allowed there, an operator is a viewer. */
  role,
  siteId: documentId,
  siteName: z.string(),
  /** Every site that the session may change to, by name. */
  sites: z.array(enterable),
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
  answer: z.object({
    version: z.string(),
    setUp: z.boolean(),
    session: sessionAnswer.nullable(),
    /** For owners, while setting up is not finished: what it asks for next. */
    next: onboardingStep.exclude(['done']).exactOptional(),
  }),
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

/** Six digits of the authenticator app, or one of the recovery codes. */
export const secondFactorCode = z
  .string()
  .trim()
  .min(6, 'write the six digits, or a recovery code')
  .max(40)
  .meta({ title: 'Code of your authenticator app, or a recovery code' });

const givenPassword = z.string().min(1, 'give the password').max(256).meta({ title: 'Password', secret: true });

export const signInForm = z.object({
  userName: userName.meta({ title: 'User name', order: 1 }),
  password: givenPassword.meta({ title: 'Password', secret: true, order: 2 }),
  /** Asked for by `second-factor-required`, after name and password were right. */
  code: secondFactorCode.optional().meta({ order: 3 }),
});

export const signIn = route({
  id: 'access.signIn',
  method: 'POST',
  path: '/api/v1/session',
  access: 'public',
  site: 'none',
  summary: 'Signs in with name and password, and a code where the account asks for one',
  body: signInForm,
  answer: sessionAnswer,
  status: 201,
  errors: [
    'invalid-request',
    'wrong-credentials',
    'second-factor-required',
    'not-allowed',
    'too-many-requests',
    'setup-required',
  ],
});

export const signOut = route({
  id: 'access.signOut',
  method: 'DELETE',
  path: '/api/v1/session',
  access: 'viewer',
  site: 'none',
  personal: true,
  summary: 'Ends the session on the appliance',
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed'],
});

/** Its sockets are ended with the reason `site`: the dashboard connects anew and sees the other site. */
export const changeSite = route({
  id: 'access.changeSite',
  method: 'PUT',
  path: '/api/v1/session/site',
  access: 'viewer',
  site: 'none',
  personal: true,
  summary: 'Goes to another site with this session',
  body: z.object({ siteId: documentId.meta({ title: 'Site' }) }),
  answer: sessionAnswer,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const sessionRecord = z.object({
  id: documentId,
  userId: documentId,
  userName: z.string(),
  createdAt: instant,
  expiresAt: instant,
  /** Of the last request, within some minutes. */
  lastSeenAt: instant,
  /** Address from which it was opened. */
  from: z.string(),
  /** What the browser calls itself. */
  browser: z.string(),
  /** The session that asks. */
  isCurrent: z.boolean(),
});

export const listSessions = route({
  id: 'access.listSessions',
  method: 'GET',
  path: '/api/v1/sessions',
  access: 'viewer',
  site: 'none',
  personal: true,
  summary: 'Lists the own sessions; an owner may ask for those of another user',
  query: z.object({ userId: documentId.optional(), ...pageQuery }),
  answer: paged(sessionRecord),
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const endSession = route({
  id: 'access.endSession',
  method: 'DELETE',
  path: '/api/v1/sessions/:sessionId',
  access: 'viewer',
  site: 'none',
  personal: true,
  summary: 'Ends one of the own sessions; an owner may end anybody’s',
  params: z.object({ sessionId: documentId }),
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
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

/** Forms of those who are signed in: bodies of the routes of the same names. */
export const FORMS = [
  'change-password',
  'begin-second-factor',
  'confirm-second-factor',
  'remove-second-factor',
  'create-user',
  'edit-user',
  'reset-password',
  'change-member',
  'create-site',
  'edit-site',
  'create-key',
  'alert-rule',
  'notification-route',
  'quiet-window',
  'add-subnet',
  'change-subnet',
  'add-device',
  'change-device',
  'host-name',
  'ssh-access',
  'fetch-update',
] as const;

export const signedInForm = route({
  id: 'access.signedInForm',
  method: 'GET',
  path: '/api/v1/forms/signed-in/:form',
  access: 'viewer',
  site: 'none',
  summary: 'Answers with the JSON Schema of a form of those who are signed in',
  params: z.object({ form: z.enum(FORMS) }),
  answer: z.record(z.string(), z.unknown()),
  errors: ['not-signed-in', 'invalid-request'],
});

export const accessRoutes = [
  entry,
  createOwner,
  signIn,
  signOut,
  changeSite,
  listSessions,
  endSession,
  form,
  signedInForm,
] as const;
