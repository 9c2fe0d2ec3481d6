import { z } from 'zod';
import { auditTarget, hostKey, sshAddress, sshPort, sshUser } from '../audits.ts';
import { displayName, documentId } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const targetParams = z.object({ targetId: documentId });
const signedIn = ['not-signed-in', 'not-allowed', 'invalid-request'] as const;
const ofRecord = [...signedIn, 'not-found'] as const;

const schedule = z.enum(['off', 'quick', 'full']);
const targetFields = {
  name: displayName.optional().meta({ title: 'Name', order: 5 }),
  address: sshAddress.meta({ title: 'Name or IP address', order: 1 }),
  port: sshPort.default(22).meta({ title: 'Port', order: 2 }),
  user: sshUser.meta({ title: 'User', order: 3 }),
  keyId: documentId.optional().meta({ title: 'Key', order: 4 }),
  throughId: documentId.optional().meta({ title: 'Through', order: 6 }),
  elevate: z.boolean().default(false).meta({ title: 'Use sudo', order: 7 }),
  schedule: schedule.default('off').meta({ title: 'Each night', order: 8 }),
};

export const listAuditTargets = route({
  id: 'audits.targets',
  method: 'GET',
  path: '/api/v1/audit-targets',
  access: 'viewer',
  site: 'none',
  summary: 'Lists what is audited, each with its last audit',
  query: z.object(pageQuery),
  answer: paged(auditTarget),
  errors: signedIn,
});

/** Nothing is sent to it yet: the first test or audit shows its host key, which a person has to accept. */
export const addAuditTarget = route({
  id: 'audits.addTarget',
  method: 'POST',
  path: '/api/v1/audit-targets',
  access: 'admin',
  site: 'none',
  summary: 'Adds a host to be audited over SSH, or by its agent where only a host is given',
  body: z.union([
    z.object({ hostId: documentId, schedule: schedule.default('off') }).strict(),
    z.object({ ...targetFields, hostId: documentId.optional() }),
  ]),
  answer: auditTarget,
  status: 201,
  errors: [...ofRecord, 'conflict'],
});

export const readAuditTarget = route({
  id: 'audits.target',
  method: 'GET',
  path: '/api/v1/audit-targets/:targetId',
  access: 'viewer',
  site: 'record',
  summary: 'Says how a target is reached, and how its last audit went',
  params: targetParams,
  answer: auditTarget,
  errors: ofRecord,
});

export const changeAuditTarget = route({
  id: 'audits.changeTarget',
  method: 'PUT',
  path: '/api/v1/audit-targets/:targetId',
  access: 'admin',
  site: 'record',
  summary: 'Changes how a target is reached; another address has to show its host key anew',
  params: targetParams,
  body: z.object({
    ...targetFields,
    address: targetFields.address.optional(),
    user: targetFields.user.optional(),
  }),
  answer: auditTarget,
  errors: [...ofRecord, 'conflict'],
});

export const removeAuditTarget = route({
  id: 'audits.removeTarget',
  method: 'DELETE',
  path: '/api/v1/audit-targets/:targetId',
  access: 'admin',
  site: 'record',
  summary: 'Removes a target with its audits and waivers',
  params: targetParams,
  answer: z.null(),
  status: 204,
  errors: [...ofRecord, 'conflict'],
});

/** Exactly the key that was shown; another one that comes meanwhile is not accepted with it. */
export const acceptHostKey = route({
  id: 'audits.acceptHostKey',
  method: 'POST',
  path: '/api/v1/audit-targets/:targetId/host-key',
  access: 'admin',
  site: 'record',
  summary: 'Accepts the host key that a target has shown',
  params: targetParams,
  body: hostKey.pick({ sha256: true }),
  answer: auditTarget,
  errors: [...ofRecord, 'conflict'],
});

const connectionTest = z.object({
  targetId: documentId,
  name: z.string(),
  place: z.string(),
  ok: z.boolean(),
  /** `host-key-unknown`, `refused`, `unreachable` … */
  code: z.string().exactOptional(),
  text: z.string(),
  hostKey: hostKey.exactOptional(),
  /** As whom it would read: root itself, with sudo without a password, or as any user. */
  rights: z.enum(['root', 'sudo', 'user']).exactOptional(),
  canAudit: z.boolean(),
  tookMs: z.number(),
});
export type ConnectionTest = z.infer<typeof connectionTest>;

export const testAuditTarget = route({
  id: 'audits.testTarget',
  method: 'POST',
  path: '/api/v1/audit-targets/:targetId/test',
  access: 'operator',
  site: 'record',
  summary: 'Tries to sign in, and says what came of it',
  params: targetParams,
  answer: connectionTest,
  errors: ofRecord,
});

export const testAuditTargets = route({
  id: 'audits.testTargets',
  method: 'POST',
  path: '/api/v1/audit-targets/test',
  access: 'operator',
  site: 'none',
  summary: 'Tries to sign in everywhere at once',
  answer: z.object({ items: z.array(connectionTest) }),
  errors: signedIn,
});

/** The password is used for this one connection and kept nowhere. */
export const pushAuditKey = route({
  id: 'audits.pushKey',
  method: 'POST',
  path: '/api/v1/audit-targets/:targetId/push-key',
  access: 'admin',
  site: 'record',
  summary: 'Signs in once with a password, and adds the key of the target to authorized_keys',
  params: targetParams,
  body: z.object({
    password: z.string().min(1, 'write the password').max(1_000).meta({ title: 'Password', secret: true }),
  }),
  answer: connectionTest,
  errors: [...ofRecord, 'conflict'],
});

export const auditTargetsRoutes = [
  ...[listAuditTargets, addAuditTarget, testAuditTargets, readAuditTarget, changeAuditTarget, removeAuditTarget],
  ...[acceptHostKey, testAuditTarget, pushAuditKey],
] as const;
