import { z } from 'zod';
import { hostFacts, intervalMs } from './agent-link.ts';
import { ceiling } from './ceiling.ts';
import { displayName, documentId, instant } from './identity.ts';
import { FRAME_LIMITS } from './limits.ts';

/** `stale` after 2.5 intervals, `offline` when the session has been closed for 2 intervals + 5 s, `unknown` before the first frame. */
export const hostStatus = z.enum(['online', 'stale', 'offline', 'unknown']);
export type HostStatus = z.infer<typeof hostStatus>;

/** How values come: by our agent, over SSH, fetched by the appliance, or sent to it; `source` is data without a machine. */
export const hostKind = z.enum(['agent', 'ssh', 'pull', 'push', 'source']);
export type HostKind = z.infer<typeof hostKind>;

/** A short text by a person: one line, nothing that could trouble a log, a mail or a terminal. */
const line = (most: number, ifEmpty = 'write something, or leave it out') =>
  z
    .string()
    .trim()
    .min(1, ifEmpty)
    .max(most, `use at most ${most} characters`)
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u, 'leave out control characters');

export const hostTags = z
  .array(line(40).regex(/^[^,]*$/, 'leave out commas'))
  .max(32, 'use at most 32 tags')
  .overwrite((tags) => [...new Set(tags)]);

/** Offered besides what a site uses already; any other word may be written. */
export const ROLES_OFFERED = [
  'recorder',
  'management',
  'storage',
  'compute',
  'network',
  'media',
  'backup',
  'database',
  'workstation',
] as const;

/** `AA-BB-CC-DD-EE-FF` and `aabb.ccdd.eeff` as six pairs with colons. */
const withColons = (text: string): string => {
  const digits = text.replace(/[:.-]/g, '');
  return digits.length === 12 ? (digits.match(/../g) ?? []).join(':') : text;
};

const ip = z.union([z.ipv4(), z.ipv6()], 'write an IPv4 or IPv6 address, such as 192.168.1.5');
const mac = z
  .string()
  .trim()
  .toLowerCase()
  .max(24)
  .overwrite(withColons)
  .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/, 'write a MAC as six pairs, such as 00:1a:2b:3c:4d:5e');
const serviceName = z
  .string()
  .trim()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9:_.@$ \\-]*$/, 'write the name of a service, such as nginx');
const logPath = line(400).regex(/^(?:\/|[A-Za-z]:\\)/, 'write a whole path, such as /var/log/syslog');
const unit = z.number().int('whole units').min(1, 'units begin with 1').max(100, 'a rack has at most 100 units');

/** What people say of a host. What its agent says is in `facts` and never mixed with it; where both speak, people are believed. */
export const hostFields = {
  name: displayName.meta({ title: 'Name', order: 1 }),
  /** Where it is reached: `host` or `host:port` for SSH, an http(s) address to fetch from. */
  address: line(400, 'say where it is reached').meta({ title: 'Address', order: 2 }),
  role: line(40).meta({ title: 'Role', description: 'What it is there for, in a word.', order: 3 }),
  tags: hostTags.meta({ title: 'Tags', description: 'Separated by commas.', order: 4 }),
  location: line(80).meta({ title: 'Location', description: 'Room, building or place.', order: 5 }),
  rack: displayName.meta({ title: 'Rack', order: 6 }),
  rackUnit: unit.meta({ title: 'Lowest unit in the rack', description: 'Counted from below.', order: 7 }),
  rackHeight: unit.meta({ title: 'Height, units', order: 8 }),
  hostName: z
    .string()
    .trim()
    .max(253)
    .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/, 'use letters, digits, - and .')
    .meta({ title: 'Host name', order: 9 }),
  addresses: z.array(ip).max(16, 'at most 16 addresses').meta({
    title: 'IP addresses',
    description: 'IPv4 or IPv6, separated by commas.',
    order: 10,
  }),
  macs: z.array(mac).max(16, 'at most 16 addresses').meta({ title: 'MAC addresses', order: 11 }),
  watts: z.number().min(0, 'a power is 0 W or more').max(100_000, 'at most 100000 W').meta({
    title: 'TDP, W',
    description: 'Thermal design power; energy is estimated with it where nothing measures.',
    order: 12,
  }),
  logPaths: z
    .array(logPath)
    .max(32, 'at most 32 paths')
    .meta({ title: 'Log files', description: 'Whole paths, one on each line.', widget: 'lines', order: 13 }),
  services: z
    .array(serviceName)
    .max(FRAME_LIMITS.servicesPerHost, `at most ${FRAME_LIMITS.servicesPerHost} services`)
    .meta({
      title: 'Services that should run',
      description: 'As systemd, OpenRC or Windows name them, one on each line.',
      widget: 'lines',
      order: 14,
    }),
  criticalServices: z
    .array(serviceName)
    .max(FRAME_LIMITS.servicesPerHost, `at most ${FRAME_LIMITS.servicesPerHost} services`)
    .meta({
      title: 'Of these, critical',
      description: 'Services without which the machine is of no use, one on each line.',
      widget: 'lines',
      order: 15,
    }),
  intervalMs: intervalMs.meta({ title: 'Interval', order: 16 }),
  /** While that host is unreachable, nobody is told that this one is. */
  parentId: documentId.meta({
    title: 'Depends on',
    description: 'The switch, router or hypervisor without which it cannot be reached.',
    order: 15,
  }),
  /** Absent means yes. */
  learnsParent: z.boolean().meta({
    title: 'Learn what it depends on',
    description: 'From the router on its way here and the machine it runs on, where nothing is chosen above.',
    order: 16,
    default: true,
  }),
};

/** What a host depends on, as agents let it be seen: the machine it runs on, or the router on its way to the appliance. */
export const learntParent = z.object({
  id: documentId,
  from: z.enum(['hypervisor', 'gateway']),
  /** The MAC or address by which it was known. */
  evidence: z.string(),
  at: instant,
});
export type LearntParent = z.infer<typeof learntParent>;

/** What may be taken away again. */
const { name, tags, intervalMs: interval, ...clearable } = hostFields;

/** A machine that Reeve knows, as the dashboard and the API see it. */
export const host = z.object({
  id: documentId,
  siteId: documentId,
  /** Grows with each edit by a person; what the agent says changes nothing of it. */
  rev: z.number().int(),
  kind: hostKind,
  name,
  tags,
  intervalMs: interval,
  ...z.object(clearable).partial().shape,
  /** Counts where no person has chosen. */
  learntParent: learntParent.exactOptional(),
  /** The machine that the appliance itself runs on. */
  isAppliance: z.boolean(),
  /** What the agent says of the machine. */
  facts: hostFacts.exactOptional(),
  agentVersion: z.string().exactOptional(),
  /** The ceiling of its agent: what that may ever be asked to do. It can only be changed on the machine. */
  may: ceiling.exactOptional(),
  /** The machine insists on its interval, by its own file, a flag or a variable: it is changed there. */
  isIntervalOwn: z.literal(true).exactOptional(),
  status: hostStatus,
  /** Why the status is what it is, in one sentence for people. */
  statusReason: z.string(),
  /** When the status began. */
  statusAt: instant.exactOptional(),
  lastSeenAt: instant.exactOptional(),
  /** A host that this one seems to be, newly installed; a person says whether it is. */
  sameAs: documentId.exactOptional(),
  /** Notes that a person should see: same machine id as another host, unverified, quarantined. */
  notes: z.array(z.string()).default([]),
  createdAt: instant,
});
export type Host = z.infer<typeof host>;
