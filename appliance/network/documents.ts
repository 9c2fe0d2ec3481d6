import { z } from 'zod';
import {
  type NameSource,
  nameSource,
  type PortsSeen,
  portsSeen,
  type Standing,
  type SubnetFields,
  type SweepResult,
  standing,
  sweepResult,
} from '../../protocol/network.ts';
import type { Document, Kind } from '../store/documents.ts';

const stored = { id: z.string(), siteId: z.string(), rev: z.number().int() };

/** A subnet that is watched. */
export interface SubnetRecord extends Document, SubnetFields {
  cidr: string;
  origin: 'own' | 'added';
  last?: SweepResult;
}

export const subnetRecords: Kind<SubnetRecord> = {
  name: 'subnets',
  schema: z.looseObject({
    ...stored,
    cidr: z.string(),
    name: z.string().exactOptional(),
    origin: z.enum(['own', 'added']),
    isEnabled: z.boolean(),
    everyMinutes: z.number(),
    packetsPerSecond: z.number(),
    tellNew: z.boolean(),
    tellRandomised: z.boolean(),
    last: sweepResult.exactOptional(),
  }),
  indexes: ['siteId'],
};

export interface Span {
  from: number;
  to: number;
}

export interface AddressSpan {
  ip: string;
  mac?: string;
  firstAt: number;
  lastAt: number;
}

/** What is known of a device, whoever said it. */
export interface DeviceFields {
  /** Where it was seen last. */
  subnetId?: string;
  name?: string;
  note?: string;
  standing: Standing;
  tellGone: boolean;
  fixedAddress?: string;
  watchCertificates: boolean;
  /** Lower case, with colons, the newest first; none for one behind a router. */
  macs: string[];
  /** Newest first. */
  addresses: AddressSpan[];
  names: Partial<Record<NameSource, string>>;
  services: string[];
  model?: string;
  /** IPv6 addresses that its cards had when they were last asked. */
  ipv6?: string[];
  /** When it was last asked for names. */
  namedAt?: number;
  hostId?: string;
  firstSeenAt: number;
  lastSeenAt?: number;
  /** Complete sweeps in a row that it did not answer. */
  misses: number;
  /** Oldest first. */
  spans: Span[];
  ports?: PortsSeen;
  /** Nobody is told that it is new: it was there when the subnet was swept for the first time, or has a random MAC. */
  isUntold?: boolean;
}

/** A device that was taken for another one, as it was then. */
export interface MergedDevice extends DeviceFields {
  id: string;
  why: string;
}

export interface DeviceRecord extends Document, DeviceFields {
  /** How often people have changed it; sweeps write it too, and are no reason to refuse a person. */
  edits?: number;
  merged: MergedDevice[];
  /** MACs that a person took apart from this device. */
  apart: string[];
}

const fields = {
  subnetId: z.string().exactOptional(),
  name: z.string().exactOptional(),
  note: z.string().exactOptional(),
  standing,
  tellGone: z.boolean(),
  fixedAddress: z.string().exactOptional(),
  watchCertificates: z.boolean(),
  macs: z.array(z.string()),
  addresses: z.array(
    z.looseObject({ ip: z.string(), mac: z.string().exactOptional(), firstAt: z.number(), lastAt: z.number() }),
  ),
  names: z.partialRecord(nameSource, z.string()),
  services: z.array(z.string()),
  model: z.string().exactOptional(),
  ipv6: z.array(z.string()).exactOptional(),
  namedAt: z.number().exactOptional(),
  hostId: z.string().exactOptional(),
  firstSeenAt: z.number(),
  lastSeenAt: z.number().exactOptional(),
  misses: z.number(),
  spans: z.array(z.looseObject({ from: z.number(), to: z.number() })),
  ports: portsSeen.exactOptional(),
  isUntold: z.boolean().exactOptional(),
};

export const deviceRecords: Kind<DeviceRecord> = {
  name: 'devices',
  schema: z.looseObject({
    ...stored,
    ...fields,
    edits: z.number().exactOptional(),
    merged: z.array(z.looseObject({ id: z.string(), why: z.string(), ...fields })),
    apart: z.array(z.string()),
  }),
  indexes: ['siteId'],
};
