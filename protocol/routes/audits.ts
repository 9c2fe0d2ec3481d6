// Over 250 lines because the whole API of audits is declared here, route by route.
import { z } from 'zod';
import {
  auditKey,
  auditKind,
  auditSummary,
  auditTarget,
  finding,
  findingSeverity,
  hostKey,
  sshAddress,
  sshPort,
  sshUser,
  unjudged,
  waiver,
} from '../audits.ts';
import { displayName, documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const targetParams = z.object({ targetId: documentId });
const auditParams = z.object({ auditId: documentId });
const signedIn = ['not-signed-in', 'not-allowed', 'invalid-request'] as const;
const ofRecord = [...signedIn, 'not-found'] as const;

export const listAuditKeys = route({
  id: 'audits.keys',
  method: 'GET',
  path: '/api/v1/audit-keys',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the SSH keys that audits sign in with; never their private parts',
  query: z.object(pageQuery),
  answer: paged(auditKey),
  errors: signedIn,
});

/** A key that is made here never leaves the appliance; one that is given is kept without its passphrase, sealed. */
export const addAuditKey = route({
  id: 'audits.addKey',
  method: 'POST',
  path: '/api/v1/audit-keys',
  access: 'admin',
  site: 'none',
  summary: 'Makes an Ed25519 key, or takes a private key that is given',
  body: z.object({
    name: displayName.meta({ title: 'Name', order: 1 }),
    privateKey: z.string().max(20_000, 'a private key has at most 20000 characters').optional().meta({
      title: 'Private key',
      description: 'Empty: a new Ed25519 key is made.',
      secret: true,
      widget: 'textarea',
      order: 2,
    }),
    passphrase: z.string().max(1_000).optional().meta({ title: 'Its passphrase', secret: true, order: 3 }),
  }),
  answer: auditKey,
  status: 201,
  errors: signedIn,
});

export const removeAuditKey = route({
  id: 'audits.removeKey',
  method: 'DELETE',
  path: '/api/v1/audit-keys/:auditKeyId',
  access: 'admin',
  site: 'record',
  summary: 'Removes a key that no target uses',
  params: z.object({ auditKeyId: documentId }),
  answer: z.null(),
  status: 204,
  errors: [...ofRecord, 'conflict'],
});

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

export const startAudit = route({
  id: 'audits.start',
  method: 'POST',
  path: '/api/v1/audit-targets/:targetId/audits',
  access: 'operator',
  site: 'record',
  summary: 'Starts an audit; answers with the one that runs already, if there is one',
  params: targetParams,
  body: z.object({ kind: auditKind.default('full') }),
  answer: auditSummary,
  status: 202,
  errors: ofRecord,
});

export const listAudits = route({
  id: 'audits.list',
  method: 'GET',
  path: '/api/v1/audits',
  access: 'viewer',
  site: 'none',
  summary: 'Lists audits, newest first',
  query: z.object({ ...pageQuery, targetId: documentId.optional() }),
  answer: paged(auditSummary),
  errors: signedIn,
});

export const auditOverview = route({
  id: 'audits.overview',
  method: 'GET',
  path: '/api/v1/audits/overview',
  access: 'viewer',
  site: 'none',
  summary: 'Says which findings of the last audits are worst, and where',
  answer: z.object({
    /** Mean of the scores; absent while nothing was audited. */
    score: z.number().exactOptional(),
    audited: z.number().int(),
    targets: z.number().int(),
    worst: z.array(
      z.object({
        checkId: z.string(),
        title: z.string(),
        severity: findingSeverity,
        targets: z.array(z.object({ id: documentId, name: z.string(), auditId: documentId })),
      }),
    ),
  }),
  errors: signedIn,
});

const numbers = z.number();
/** What a host said of itself, read and made safe to show; a part that could not be read is absent. */
export const auditFacts = z.object({
  system: z
    .object({
      kernelName: z.string(),
      kernel: z.string(),
      machine: z.string(),
      hostName: z.string(),
      isRoot: z.boolean(),
      at: numbers,
      upSeconds: numbers.exactOptional(),
      load: z.array(numbers).exactOptional(),
    })
    .exactOptional(),
  os: z.object({ id: z.string(), name: z.string(), version: z.string(), codename: z.string() }).exactOptional(),
  hardware: z.record(z.string(), z.string()).exactOptional(),
  cpu: z.object({ model: z.string(), cores: numbers }).exactOptional(),
  memory: z
    .object({ totalBytes: numbers, availableBytes: numbers.exactOptional(), swapBytes: numbers.exactOptional() })
    .exactOptional(),
  disks: z
    .array(z.object({ device: z.string(), mount: z.string(), sizeBytes: numbers, usedBytes: numbers, used: numbers }))
    .exactOptional(),
  blocks: z
    .array(z.object({ name: z.string(), model: z.string(), sizeBytes: numbers, isRotating: z.boolean() }))
    .exactOptional(),
  addresses: z.array(z.object({ name: z.string(), address: z.string() })).exactOptional(),
  routes: z.array(z.string()).exactOptional(),
  resolvers: z.array(z.string()).exactOptional(),
  ports: z
    .array(z.object({ protocol: z.string(), address: z.string(), port: numbers, process: z.string().exactOptional() }))
    .exactOptional(),
  processes: z
    .array(
      z.object({
        pid: numbers,
        user: z.string(),
        command: z.string(),
        cpu: numbers.exactOptional(),
        memory: numbers.exactOptional(),
        elapsed: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
  users: z
    .array(z.object({ name: z.string(), uid: numbers, gid: numbers, home: z.string(), shell: z.string() }))
    .exactOptional(),
  packages: z
    .object({ manager: z.string(), items: z.array(z.object({ name: z.string(), version: z.string() })) })
    .exactOptional(),
  updates: z
    .object({
      manager: z.string(),
      items: z.array(z.object({ name: z.string(), version: z.string(), isSecurity: z.boolean() })),
    })
    .exactOptional(),
  services: z
    .object({ manager: z.string(), items: z.array(z.object({ name: z.string(), state: z.string() })) })
    .exactOptional(),
  sshd: z
    .object({ source: z.string(), values: z.record(z.string(), z.string()), version: z.string().exactOptional() })
    .exactOptional(),
});
export type AuditFacts = z.infer<typeof auditFacts>;

export const auditDetail = z.object({
  audit: auditSummary,
  findings: z.array(finding),
  unjudged: z.array(unjudged),
  /** Titles of the checks that found nothing. */
  passed: z.array(z.object({ checkId: z.string(), title: z.string() })),
  /** Absent where the audit failed, and for old ones. */
  facts: auditFacts.exactOptional(),
  /** The audit of this target before it that can be compared. */
  previousId: documentId.exactOptional(),
});
export type AuditDetail = z.infer<typeof auditDetail>;

export const readAudit = route({
  id: 'audits.read',
  method: 'GET',
  path: '/api/v1/audits/:auditId',
  access: 'viewer',
  site: 'record',
  summary: 'Says what an audit found, or how far it is',
  params: auditParams,
  answer: auditDetail,
  errors: ofRecord,
});

export const cancelAudit = route({
  id: 'audits.cancel',
  method: 'POST',
  path: '/api/v1/audits/:auditId/cancel',
  access: 'operator',
  site: 'record',
  summary: 'Ends an audit that runs',
  params: auditParams,
  answer: z.null(),
  status: 204,
  errors: ofRecord,
});

const auditComparison = z.object({
  before: auditSummary,
  after: auditSummary,
  appeared: z.array(finding),
  gone: z.array(finding),
  stayed: z.array(finding),
  /** Found by one of the two, while the other could not judge it, as a quick audit does not read packages. */
  judgedOnce: z.array(finding),
  changes: z.array(
    z.object({
      title: z.string(),
      lines: z.array(
        z.object({
          kind: z.enum(['added', 'removed', 'changed']),
          name: z.string(),
          before: z.string().exactOptional(),
          after: z.string().exactOptional(),
        }),
      ),
      /** Lines that are left out. */
      more: z.number().int(),
    }),
  ),
});
export type AuditComparison = z.infer<typeof auditComparison>;

export const compareAudits = route({
  id: 'audits.compare',
  method: 'GET',
  path: '/api/v1/audits/:auditId/compare/:beforeId',
  access: 'viewer',
  site: 'record',
  summary: 'Says what is other than in an earlier audit of the same target',
  params: z.object({ auditId: documentId, beforeId: documentId }),
  answer: auditComparison,
  errors: ofRecord,
});

export const auditCsv = route({
  id: 'audits.csv',
  method: 'GET',
  path: '/api/v1/audits/:auditId/findings.csv',
  access: 'viewer',
  site: 'record',
  summary: 'Downloads the findings of an audit for a spreadsheet',
  params: auditParams,
  answer: 'text/csv',
  errors: ofRecord,
});

export const auditHtml = route({
  id: 'audits.html',
  method: 'GET',
  path: '/api/v1/audits/:auditId/report.html',
  access: 'viewer',
  site: 'record',
  summary: 'Downloads an audit as a page that stands by itself',
  params: auditParams,
  answer: 'text/html',
  errors: ofRecord,
});

export const listWaivers = route({
  id: 'audits.waivers',
  method: 'GET',
  path: '/api/v1/audit-targets/:targetId/waivers',
  access: 'viewer',
  site: 'record',
  summary: 'Lists the findings of a target that somebody lives with',
  params: targetParams,
  query: z.object(pageQuery),
  answer: paged(waiver),
  errors: ofRecord,
});

export const addWaiver = route({
  id: 'audits.waive',
  method: 'POST',
  path: '/api/v1/audit-targets/:targetId/waivers',
  access: 'admin',
  site: 'record',
  summary: 'Says that a finding of a target is lived with, why, and until when',
  params: targetParams,
  body: z.object({
    checkId: z.string().regex(/^[a-z0-9-]{1,64}$/, 'write the id of a check'),
    reason: z.string().trim().min(1, 'say why').max(500, 'use at most 500 characters').meta({ title: 'Why' }),
    expiresAt: instant.optional().meta({ title: 'Until' }),
  }),
  answer: waiver,
  status: 201,
  errors: [...ofRecord, 'conflict'],
});

export const removeWaiver = route({
  id: 'audits.endWaiver',
  method: 'DELETE',
  path: '/api/v1/audit-waivers/:waiverId',
  access: 'admin',
  site: 'record',
  summary: 'Ends a waiver: the finding counts again',
  params: z.object({ waiverId: documentId }),
  answer: z.null(),
  status: 204,
  errors: ofRecord,
});

/** The code lives 30 minutes and for 50 hosts; it can do nothing but register hosts for audits. */
export const makeAuditJoin = route({
  id: 'audits.makeJoin',
  method: 'POST',
  path: '/api/v1/audit-joins',
  access: 'admin',
  site: 'none',
  summary: 'Makes a line that registers a host for audits when it is run there',
  body: z.object({ keyId: documentId }),
  answer: z.object({ command: z.string(), expiresAt: instant }),
  status: 201,
  errors: ofRecord,
});

export const auditHostScript = route({
  id: 'audits.hostScript',
  method: 'GET',
  path: '/audit-host.sh',
  access: 'public',
  site: 'none',
  summary: 'Downloads the script that makes a restricted user for audits on a host',
  answer: 'text/x-shellscript',
  errors: [],
});

/** Called by the script: answers with the lines to be written into authorized_keys, as text. */
export const auditJoin = route({
  id: 'audits.join',
  method: 'POST',
  path: '/api/v1/audit-joins/redeem',
  access: 'public',
  site: 'none',
  summary: 'Registers the host that calls, with its SSH host key, for a code that an admin has made',
  body: z.object({
    code: z.string().max(100),
    name: displayName,
    port: sshPort,
    user: sshUser,
    /** Lines of `ssh_host_*_key.pub`. */
    hostKeys: z.array(z.string().max(2_000)).min(1).max(8),
    step: z.enum(['begin', 'done']),
  }),
  answer: z.object({ publicKey: z.string(), from: z.string() }),
  errors: ['invalid-request', 'not-allowed', 'too-many-requests'],
});

export const auditsRoutes = [
  ...[listAuditKeys, addAuditKey, removeAuditKey],
  ...[listAuditTargets, addAuditTarget, testAuditTargets, readAuditTarget, changeAuditTarget, removeAuditTarget],
  ...[acceptHostKey, testAuditTarget, pushAuditKey, startAudit],
  ...[listAudits, auditOverview, readAudit, cancelAudit, compareAudits, auditCsv, auditHtml],
  ...[listWaivers, addWaiver, removeWaiver, makeAuditJoin, auditHostScript, auditJoin],
] as const;
