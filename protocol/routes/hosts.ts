import { z } from 'zod';
import { intervalMs } from '../agent-link.ts';
import { host } from '../hosts.ts';
import { displayName, documentId } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const hostParams = z.object({ hostId: documentId });

export const listHosts = route({
  id: 'hosts.list',
  method: 'GET',
  path: '/api/v1/hosts',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the hosts that the session may see',
  query: z.object(pageQuery),
  answer: paged(host),
  errors: ['not-signed-in', 'invalid-request'],
});

export const readHost = route({
  id: 'hosts.read',
  method: 'GET',
  path: '/api/v1/hosts/:hostId',
  access: 'viewer',
  site: 'record',
  summary: 'Reads one host',
  params: hostParams,
  answer: host,
  errors: ['not-signed-in', 'not-found'],
});

/** `rev` is the revision the editor saw; another one meanwhile is a conflict, not a silent overwrite. */
export const editHost = route({
  id: 'hosts.edit',
  method: 'PATCH',
  path: '/api/v1/hosts/:hostId',
  access: 'admin',
  site: 'record',
  summary: 'Changes name, tags or interval of a host',
  params: hostParams,
  body: z.object({
    rev: z.number().int(),
    name: displayName.optional().meta({ title: 'Name' }),
    tags: z.array(z.string().trim().min(1).max(40)).max(32).optional().meta({ title: 'Tags' }),
    intervalMs: intervalMs.optional().meta({ title: 'Interval' }),
  }),
  answer: host,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict'],
});

/** Takes the host, its agent's right to connect and its history away. */
export const removeHost = route({
  id: 'hosts.remove',
  method: 'DELETE',
  path: '/api/v1/hosts/:hostId',
  access: 'admin',
  site: 'record',
  summary: 'Removes a host with all its data',
  params: hostParams,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'own-machine'],
});

/** A newly installed machine takes the place of the host it was: name, settings and history of `hostId` live on. */
export const settleHost = route({
  id: 'hosts.settle',
  method: 'POST',
  path: '/api/v1/hosts/:hostId/same-as',
  access: 'admin',
  site: 'record',
  summary: 'Answers whether a new host is one that was known before',
  params: hostParams,
  body: z.object({ same: z.boolean() }),
  answer: host,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict'],
});

export const hostsRoutes = [listHosts, readHost, editHost, removeHost, settleHost] as const;
