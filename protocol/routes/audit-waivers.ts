import { z } from 'zod';
import { waiver } from '../audits.ts';
import { documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const targetParams = z.object({ targetId: documentId });
const ofRecord = ['not-signed-in', 'not-allowed', 'invalid-request', 'not-found'] as const;

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

export const auditWaiversRoutes = [listWaivers, addWaiver, removeWaiver] as const;
