import { z } from 'zod';
import { displayName, documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { role } from './access.ts';

/** A site, as somebody sees it who may enter it. */
export const site = z.object({
  id: documentId,
  rev: z.number().int(),
  name: z.string(),
  createdAt: instant,
  /** What the caller may do there. */
  role,
  hosts: z.number().int(),
  online: z.number().int(),
  stale: z.number().int(),
  offline: z.number().int(),
  /** When the last of its hosts reported; absent while none has. */
  lastReportAt: instant.exactOptional(),
  /** Made at set-up; the appliance's own machine belongs to it, and it cannot be removed. */
  isFirst: z.boolean(),
});
export type Site = z.infer<typeof site>;

const name = displayName.meta({ title: 'Name of the site' });
const params = z.object({ siteId: documentId });

export const listSites = route({
  id: 'sites.list',
  method: 'GET',
  path: '/api/v1/sites',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the sites that the caller may enter, oldest first',
  query: z.object(pageQuery),
  answer: paged(site),
  errors: ['not-signed-in', 'invalid-request'],
});

export const createSiteForm = z.object({ name });

export const createSite = route({
  id: 'sites.create',
  method: 'POST',
  path: '/api/v1/sites',
  access: 'owner',
  site: 'none',
  summary: 'Makes a site',
  body: createSiteForm,
  answer: site,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'conflict'],
});

export const editSiteForm = z.object({ rev: z.number().int(), name });

/** `rev` is the revision the editor saw; another one meanwhile is a conflict, not a silent overwrite. */
export const editSite = route({
  id: 'sites.edit',
  method: 'PATCH',
  path: '/api/v1/sites/:siteId',
  access: 'owner',
  site: 'path',
  summary: 'Changes the name of a site',
  params,
  body: editSiteForm,
  answer: site,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict'],
});

/** Takes its keys and the roles in it away. */
export const removeSite = route({
  id: 'sites.remove',
  method: 'DELETE',
  path: '/api/v1/sites/:siteId',
  access: 'owner',
  site: 'path',
  summary: 'Removes a site that has no hosts',
  params,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'site-in-use'],
});

export const sitesRoutes = [listSites, createSite, editSite, removeSite] as const;
