import { z } from 'zod';
import { sshPort, sshUser } from '../audits.ts';
import { displayName, documentId, instant } from '../identity.ts';
import { route } from '../route.ts';

/** The code lives 30 minutes and for 100 hosts; it can do nothing but register hosts for audits. */
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
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'not-found'],
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

export const auditJoinsRoutes = [makeAuditJoin, auditHostScript, auditJoin] as const;
