import { z } from 'zod';
import {
  type AuditSummary,
  auditKind,
  auditState,
  type Finding,
  finding,
  hostKey,
  type Unjudged,
  unjudged,
} from '../../protocol/audits.ts';
import type { HostKey } from '../ssh-place.ts';
import type { Document, Kind } from '../store/documents.ts';

const stored = { id: z.string(), siteId: z.string(), rev: z.number().int() };

/** A key that audits sign in with; its private part is sealed to its id. */
export interface KeyRecord extends Document {
  name: string;
  type: 'ssh-ed25519' | 'ssh-rsa';
  bits: number;
  sha256: string;
  publicKey: string;
  sealed: string;
  createdAt: number;
  createdBy: string;
}
export const keyRecords: Kind<KeyRecord> = {
  name: 'audit-keys',
  schema: z.looseObject({
    ...stored,
    name: z.string(),
    type: z.enum(['ssh-ed25519', 'ssh-rsa']),
    bits: z.number(),
    sha256: z.string(),
    publicKey: z.string(),
    sealed: z.string(),
    createdAt: z.number(),
    createdBy: z.string(),
  }),
  indexes: ['siteId'],
};

/** What is audited, and how it is reached. `edits` counts what people change; the rest of the revisions are ours. */
export interface TargetRecord extends Document {
  name: string;
  via: 'ssh' | 'agent';
  address?: string;
  port?: number;
  user?: string;
  keyId?: string;
  throughId?: string;
  elevate?: boolean;
  hostId?: string;
  schedule: 'off' | 'quick' | 'full';
  pin?: HostKey & { acceptedAt: number; acceptedBy: string };
  pending?: HostKey & { seenAt: number };
  failures: number;
  createdAt: number;
}
export const targetRecords: Kind<TargetRecord> = {
  name: 'audit-targets',
  schema: z.looseObject({
    ...stored,
    name: z.string(),
    via: z.enum(['ssh', 'agent']),
    address: z.string().exactOptional(),
    port: z.number().exactOptional(),
    user: z.string().exactOptional(),
    keyId: z.string().exactOptional(),
    throughId: z.string().exactOptional(),
    elevate: z.boolean().exactOptional(),
    hostId: z.string().exactOptional(),
    schedule: z.enum(['off', 'quick', 'full']),
    pin: hostKey.extend({ acceptedAt: z.number(), acceptedBy: z.string() }).exactOptional(),
    pending: hostKey.extend({ seenAt: z.number() }).exactOptional(),
    failures: z.number(),
    createdAt: z.number(),
  }),
  indexes: ['siteId'],
};

/** One audit. `facts` is deflated JSON in base64, kept for the newest ones of a target only. */
export interface AuditRecord extends Document, Omit<AuditSummary, 'id' | 'progress'> {
  findings: Finding[];
  unjudged: Unjudged[];
  passed: string[];
  facts?: string;
}
export const auditRecords: Kind<AuditRecord> = {
  name: 'audits',
  schema: z.looseObject({
    ...stored,
    targetId: z.string(),
    targetName: z.string(),
    kind: auditKind,
    via: z.enum(['ssh', 'agent']),
    startedAt: z.number(),
    endedAt: z.number().exactOptional(),
    state: auditState,
    by: z.string(),
    problem: z.string().exactOptional(),
    code: z.string().exactOptional(),
    score: z.number().exactOptional(),
    counts: z.object({ critical: z.number(), high: z.number(), medium: z.number(), low: z.number() }).exactOptional(),
    os: z.string().exactOptional(),
    findings: z.array(finding),
    unjudged: z.array(unjudged),
    passed: z.array(z.string()),
    facts: z.string().exactOptional(),
  }),
  indexes: ['siteId', 'targetId'],
};

/** Somebody lives with a finding, and says why. */
export interface WaiverRecord extends Document {
  targetId: string;
  checkId: string;
  reason: string;
  by: string;
  at: number;
  expiresAt?: number;
}
export const waiverRecords: Kind<WaiverRecord> = {
  name: 'audit-waivers',
  schema: z.looseObject({
    ...stored,
    targetId: z.string(),
    checkId: z.string(),
    reason: z.string(),
    by: z.string(),
    at: z.number(),
    expiresAt: z.number().exactOptional(),
  }),
  indexes: ['siteId', 'targetId'],
};
