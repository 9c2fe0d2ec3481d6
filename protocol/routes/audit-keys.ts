import { z } from 'zod';
import { auditKey } from '../audits.ts';
import { displayName, documentId } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const signedIn = ['not-signed-in', 'not-allowed', 'invalid-request'] as const;

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
  errors: [...signedIn, 'not-found', 'conflict'],
});

export const auditKeysRoutes = [listAuditKeys, addAuditKey, removeAuditKey] as const;
