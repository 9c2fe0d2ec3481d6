import { z } from 'zod';
import { hostKey, sshPort, sshUser } from '../audits.ts';
import { wantedCeiling } from '../ceiling.ts';
import { documentId, instant } from '../identity.ts';
import { route } from '../route.ts';

const params = z.object({ installId: documentId });
const refused = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;

/** Typed by a person for this once; it goes to the other machine's standard input as one line. */
const password = z
  .string()
  .min(1, 'type the password')
  .max(1_000, 'use at most 1000 characters')
  .regex(/^[^\p{Cc}]*$/u, 'leave out control characters')
  .meta({ secret: true });

/** Where an installation stands. `host-key`: a person has to accept the key that was shown; `waiting`: for the host to appear. */
export const installState = z.enum([
  'ready',
  'connecting',
  'host-key',
  'looking',
  'installing',
  'waiting',
  'joined',
  'failed',
]);
export type InstallState = z.infer<typeof installState>;

export const install = z.object({
  id: documentId,
  deviceId: documentId,
  address: z.string(),
  port: z.number().int(),
  user: z.string(),
  /** Exactly what is run there. */
  command: z.string(),
  /** Whether sudo is given a password. */
  sudoAsks: z.boolean(),
  /** When the token in the command ends. */
  expiresAt: instant,
  state: installState,
  /** What the command wrote, its end where it was much. */
  output: z.string(),
  /** The host key that the machine shows. */
  hostKey: hostKey.exactOptional(),
  failure: z.object({ code: z.string(), text: z.string() }).exactOptional(),
  /** The host that came of it. */
  hostId: documentId.exactOptional(),
});
export type Install = z.infer<typeof install>;

export const prepareInstall = route({
  id: 'installs.prepare',
  method: 'POST',
  path: '/api/v1/network/devices/:deviceId/installs',
  access: 'admin',
  site: 'record',
  personal: true,
  summary: 'Makes the command that installs an agent on a device over SSH, with a token of its own; nothing is run yet',
  params: z.object({ deviceId: documentId }),
  body: z.strictObject({
    user: sshUser.meta({ title: 'User', order: 1 }),
    port: sshPort.default(22).meta({ title: 'Port', order: 2 }),
    sudoAsks: z.boolean().default(false).meta({ title: 'sudo asks for a password', order: 3 }),
    may: wantedCeiling.default([]),
  }),
  answer: install,
  status: 201,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const runInstall = route({
  id: 'installs.run',
  method: 'POST',
  path: '/api/v1/installs/:installId/run',
  access: 'admin',
  site: 'record',
  personal: true,
  summary: 'Signs in once and runs the command that was shown; a host key that nobody knows has to be accepted first',
  params,
  body: z.strictObject({
    login: z.union([z.strictObject({ keyId: documentId }), z.strictObject({ password })]),
    /** Where sudo asks for one. */
    sudoPassword: password.exactOptional(),
    /** The host key that was shown and that a person has accepted. */
    accept: hostKey.shape.sha256.exactOptional(),
  }),
  answer: install,
  status: 202,
  errors: [...refused, 'conflict'],
});

export const readInstall = route({
  id: 'installs.read',
  method: 'GET',
  path: '/api/v1/installs/:installId',
  access: 'admin',
  site: 'record',
  summary: 'Says how an installation over SSH goes, with what the command wrote',
  params,
  answer: install,
  errors: refused,
});

export const cancelInstall = route({
  id: 'installs.cancel',
  method: 'DELETE',
  path: '/api/v1/installs/:installId',
  access: 'admin',
  site: 'record',
  personal: true,
  summary: 'Ends an installation over SSH and takes its token back; what was done on the machine stays',
  params,
  answer: z.null(),
  status: 204,
  errors: refused,
});

export const installsRoutes = [prepareInstall, runInstall, readInstall, cancelInstall] as const;
