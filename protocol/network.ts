import { z } from 'zod';
import { displayName, documentId, instant } from './identity.ts';

/** Limits of what a site may watch; each is more than a home or a rack has. */
export const NETWORK_LIMITS = {
  subnets: 32,
  /** Addresses of one subnet: a /20. */
  addresses: 4_096,
  devices: 4_096,
  /** Ports of one look at a device. */
  ports: 1_024,
} as const;

/** `here` answered the last sweep, `unsure` not, `sleeping` is away as it was before, `gone` is away for longer. */
export const presence = z.enum(['here', 'unsure', 'sleeping', 'gone']);
export type Presence = z.infer<typeof presence>;

/** What people think of a device. `new` waits in the inbox. */
export const standing = z.enum(['new', 'trusted', 'ignored']);
export type Standing = z.infer<typeof standing>;

/** Where a name of a device comes from. Nothing of it is proven: whoever is on the LAN may claim any. */
export const nameSource = z.enum(['dns', 'mdns', 'netbios', 'llmnr', 'ssdp']);
export type NameSource = z.infer<typeof nameSource>;

/** An IPv4 network, `192.168.1.0/24`; bits behind the prefix are taken away. */
export const cidr = z
  .string()
  .trim()
  .max(18)
  .regex(/^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, 'write a network, such as 192.168.1.0/24');

export const ipv4 = z.ipv4('write an IPv4 address, such as 192.168.1.5');

const withColons = (text: string): string => {
  const digits = text.replace(/[:.-]/g, '');
  return digits.length === 12 ? (digits.match(/../g) ?? []).join(':') : text;
};
export const mac = z
  .string()
  .trim()
  .toLowerCase()
  .max(24)
  .overwrite(withColons)
  .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/, 'write a MAC as six pairs, such as 00:1a:2b:3c:4d:5e');

/** How a subnet is swept. */
export const subnetFields = z.strictObject({
  name: displayName.exactOptional().meta({ title: 'Name', description: 'Such as “Home” or “Cameras”.', order: 1 }),
  isEnabled: z.boolean().meta({ title: 'Sweep this subnet', order: 2 }),
  everyMinutes: z
    .number()
    .int('whole minutes')
    .min(0, '0 is only by hand')
    .max(10_080, 'at least once a week, or 0 for only by hand')
    .refine((minutes) => minutes === 0 || minutes >= 5, 'at least 5 minutes apart, or 0 for only by hand')
    .meta({ title: 'Minutes between two sweeps', description: '0: only by hand.', order: 3 }),
  packetsPerSecond: z.number().int('a whole number').min(20, 'at least 20').max(2_000, 'at most 2000').meta({
    title: 'Packets in a second, at most',
    description: 'Fewer for a slow radio link; a sweep then takes longer.',
    order: 4,
  }),
  tellNew: z.boolean().meta({ title: 'Tell of new devices', order: 5 }),
  tellRandomised: z.boolean().meta({
    title: 'Also of those with a random MAC',
    description: 'Phones make up a new one now and then.',
    order: 6,
  }),
});
export type SubnetFields = z.infer<typeof subnetFields>;

const { shape } = subnetFields;
/** Each of them alone. */
export const subnetChange = z.strictObject({
  name: shape.name,
  isEnabled: shape.isEnabled.exactOptional(),
  everyMinutes: shape.everyMinutes.exactOptional(),
  packetsPerSecond: shape.packetsPerSecond.exactOptional(),
  tellNew: shape.tellNew.exactOptional(),
  tellRandomised: shape.tellRandomised.exactOptional(),
});
export type SubnetChange = z.infer<typeof subnetChange>;

/** What became of the last sweep of a subnet. Only one that asked each address counts for who is gone. */
export const sweepResult = z.object({
  startedAt: instant,
  endedAt: instant,
  isComplete: z.boolean(),
  asked: z.number().int(),
  of: z.number().int(),
  found: z.number().int(),
  /** How it was asked: `arp-scan`, `neighbour table`, `TCP`. */
  by: z.string(),
  /** Why it is not complete. */
  why: z.string().exactOptional(),
});
export type SweepResult = z.infer<typeof sweepResult>;

export const subnet = z.object({
  id: documentId,
  rev: z.number().int(),
  cidr: z.string(),
  ...subnetFields.shape,
  /** `own`: the appliance has an address in it; `added` by an admin. */
  origin: z.enum(['own', 'added']),
  addresses: z.number().int(),
  /** Interface of the appliance that is in it now; absent: behind a router, or not connected. */
  interface: z.string().exactOptional(),
  /** Why it is not swept although it is switched on. */
  trouble: z.string().exactOptional(),
  counts: z.object({
    here: z.number().int(),
    unsure: z.number().int(),
    sleeping: z.number().int(),
    gone: z.number().int(),
  }),
  state: z.enum(['idle', 'waiting', 'sweeping']),
  /** While it is swept. */
  progress: z.object({ done: z.number(), of: z.number(), text: z.string() }).exactOptional(),
  last: sweepResult.exactOptional(),
});
export type Subnet = z.infer<typeof subnet>;

export const certificateSeen = z.object({
  subject: z.string(),
  issuer: z.string(),
  notBefore: instant,
  notAfter: instant,
});
export type CertificateSeen = z.infer<typeof certificateSeen>;

export const openPort = z.object({
  port: z.number().int().min(1).max(65_535),
  /** What usually listens there. */
  service: z.string().exactOptional(),
  certificate: certificateSeen.exactOptional(),
});
export type OpenPort = z.infer<typeof openPort>;

export const portsSeen = z.object({ at: instant, asked: z.number().int(), open: z.array(openPort) });
export type PortsSeen = z.infer<typeof portsSeen>;

export const device = z.object({
  id: documentId,
  rev: z.number().int(),
  subnetId: documentId.exactOptional(),
  /** What people call it. */
  name: z.string().exactOptional(),
  /** What it is shown as: its name, else what it calls itself, else vendor or address. */
  title: z.string(),
  note: z.string().exactOptional(),
  standing,
  presence,
  /** Why, in words. */
  presenceText: z.string(),
  /** The newest address. */
  address: z.string().exactOptional(),
  macs: z.array(z.object({ mac: z.string(), vendor: z.string().exactOptional(), isRandom: z.boolean() })),
  names: z.array(z.object({ source: nameSource, name: z.string() })),
  /** Kinds of services that it offers over mDNS or SSDP, `_ipp._tcp`. */
  services: z.array(z.string()),
  model: z.string().exactOptional(),
  /** The host that it is. */
  hostId: documentId.exactOptional(),
  firstSeenAt: instant,
  /** Absent for one that was added by hand and never seen. */
  lastSeenAt: instant.exactOptional(),
  /** Tell when it is gone. */
  tellGone: z.boolean(),
  /** Belongs to it: an alert when another device has it. */
  fixedAddress: z.string().exactOptional(),
  /** Look each day when the certificates of its ports expire. */
  watchCertificates: z.boolean(),
  /** Another device has its address too. */
  conflict: z.string().exactOptional(),
});
export type Device = z.infer<typeof device>;

export const deviceDetail = device.extend({
  /** When it was here, newest first. */
  spans: z.array(z.object({ from: instant, to: instant })),
  /** Addresses that it had, newest first. */
  addresses: z.array(z.object({ ip: z.string(), mac: z.string().exactOptional(), firstAt: instant, lastAt: instant })),
  ipv6: z.array(z.string()),
  /** Devices that turned out to be this one; each may be taken apart again. */
  merged: z.array(z.object({ id: documentId, title: z.string(), macs: z.array(z.string()), why: z.string() })),
  ports: portsSeen.exactOptional(),
  /** The appliance can send it the packet that wakes it. */
  canWake: z.boolean(),
});
export type DeviceDetail = z.infer<typeof deviceDetail>;
