import { z } from 'zod';
import { host, hostFields, hostKind } from '../hosts.ts';
import { documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { PROBLEMS, type ProblemCode } from '../problem.ts';
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

const { name, tags, intervalMs, ...clearable } = hostFields;

/** What people may say of a host beside its name; null takes a field away. */
const said = z.object({
  tags: tags.optional(),
  intervalMs: intervalMs.optional(),
  address: clearable.address.nullable().optional(),
  role: clearable.role.nullable().optional(),
  location: clearable.location.nullable().optional(),
  rack: clearable.rack.nullable().optional(),
  rackUnit: clearable.rackUnit.nullable().optional(),
  rackHeight: clearable.rackHeight.nullable().optional(),
  hostName: clearable.hostName.nullable().optional(),
  addresses: clearable.addresses.nullable().optional(),
  macs: clearable.macs.nullable().optional(),
  watts: clearable.watts.nullable().optional(),
  logPaths: clearable.logPaths.nullable().optional(),
  services: clearable.services.nullable().optional(),
  criticalServices: clearable.criticalServices.nullable().optional(),
  parentId: clearable.parentId.nullable().optional(),
  learnsParent: clearable.learnsParent.nullable().optional(),
});

/** A change of a host; what is absent stays. */
export const hostChange = said.extend({ name: name.optional() });
export type HostChange = z.infer<typeof hostChange>;

/** Adds a host by hand; one of kind `agent` waits for an agent that is paired with a token made for it. */
export const addHost = route({
  id: 'hosts.add',
  method: 'POST',
  path: '/api/v1/hosts',
  access: 'admin',
  site: 'none',
  summary: 'Adds a host by hand',
  body: said.extend({ name, kind: hostKind.exclude(['source']) }),
  answer: host,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'conflict', 'storage-unavailable'],
});

/** `rev` is the revision the editor saw; another one meanwhile is a conflict, not a silent overwrite. */
export const editHost = route({
  id: 'hosts.edit',
  method: 'PATCH',
  path: '/api/v1/hosts/:hostId',
  access: 'admin',
  site: 'record',
  summary: 'Changes what people said of a host',
  params: hostParams,
  body: hostChange.extend({ rev: z.number().int() }),
  answer: host,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict', 'storage-unavailable'],
});

/** Why one host of several was left as it is. */
const failure = z.object({
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  message: z.string(),
});
const MOST_AT_ONCE = 500;

/** Each host by itself: one that was changed meanwhile is left as it is and named, the others are changed. */
export const editHosts = route({
  id: 'hosts.editSeveral',
  method: 'PATCH',
  path: '/api/v1/hosts',
  access: 'admin',
  site: 'record',
  summary: 'Changes several hosts at once',
  body: z.object({
    hosts: z
      .array(z.object({ id: documentId, rev: z.number().int() }))
      .min(1, 'name a host')
      .max(MOST_AT_ONCE, `at most ${MOST_AT_ONCE} hosts at once`)
      .refine((hosts) => new Set(hosts.map(({ id }) => id)).size === hosts.length, 'name each host once'),
    change: z
      .strictObject({
        addTags: tags.optional(),
        removeTags: tags.optional(),
        role: clearable.role.nullable().optional(),
        location: clearable.location.nullable().optional(),
        rack: clearable.rack.nullable().optional(),
        parentId: clearable.parentId.nullable().optional(),
        intervalMs: intervalMs.optional(),
      })
      .refine((change) => Object.values(change).some((value) => value !== undefined), 'say what to change'),
  }),
  answer: z.object({
    items: z.array(z.object({ id: documentId, host: host.exactOptional(), problem: failure.exactOptional() })),
    changed: z.number().int(),
    failed: z.number().int(),
  }),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

/** Ids in a query, separated by commas. */
const ids = z
  .string()
  .max(8_000, 'at most 200 hosts at once')
  .transform((text) => text.split(','))
  .pipe(z.array(documentId).min(1).max(200, 'at most 200 hosts at once'))
  .meta({ title: 'Ids of hosts, separated by commas' });

/** What goes when a host goes. */
const belongings = z.object({
  id: documentId,
  name,
  /** The machine that Reeve itself watches, which cannot be removed while it does. */
  isOwnMachine: z.boolean(),
  /** Agents that lose their right to connect. */
  agents: z.number().int(),
  /** Open tokens that were made for it. */
  tokens: z.number().int(),
  /** Series in history. */
  series: z.number().int(),
  /** Bytes on disk of its packed history; what came in the last hours may not be packed yet. */
  bytes: z.number().int(),
  /** Of the oldest and the newest value; absent where there is none. */
  oldestAt: instant.exactOptional(),
  newestAt: instant.exactOptional(),
});
export type Belongings = z.infer<typeof belongings>;

/** To be shown before somebody agrees to it. */
export const hostRemoval = route({
  id: 'hosts.removal',
  method: 'GET',
  path: '/api/v1/host-removal',
  access: 'admin',
  site: 'record',
  summary: 'Says exactly what goes when hosts are removed',
  query: z.object({ ids }),
  answer: z.object({ items: z.array(belongings) }),
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

/** Each host by itself; one that cannot be removed is named, the others are. */
export const removeHosts = route({
  id: 'hosts.removeSeveral',
  method: 'DELETE',
  path: '/api/v1/hosts',
  access: 'admin',
  site: 'record',
  summary: 'Removes several hosts with all their data',
  query: z.object({ ids }),
  answer: z.object({
    items: z.array(z.object({ id: documentId, problem: failure.exactOptional() })),
    removed: z.number().int(),
    failed: z.number().int(),
  }),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

const jsonSchema = z.record(z.string(), z.unknown());

/** Forms with what the site uses already as suggestions. */
export const hostForm = route({
  id: 'hosts.form',
  method: 'GET',
  path: '/api/v1/host-form',
  access: 'viewer',
  site: 'none',
  summary: 'Answers with the JSON Schemas of what people say of hosts',
  query: z.object({ kind: hostKind.default('agent') }),
  answer: z.object({ add: jsonSchema, edit: jsonSchema, several: jsonSchema }),
  errors: ['not-signed-in', 'invalid-request'],
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

export const hostsRoutes = [
  listHosts,
  addHost,
  hostForm,
  hostRemoval,
  readHost,
  editHost,
  editHosts,
  removeHost,
  removeHosts,
  settleHost,
] as const;
