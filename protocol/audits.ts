import { z } from 'zod';
import { displayName, documentId, instant } from './identity.ts';

/** `quick` leaves out what takes long: packages, updates, timers, containers, logins. */
export const auditKind = z.enum(['quick', 'full']);
export type AuditKind = z.infer<typeof auditKind>;

export const findingSeverity = z.enum(['critical', 'high', 'medium', 'low']);
export type FindingSeverity = z.infer<typeof findingSeverity>;

const text = (most: number) => z.string().max(most);
/** A name or address as SSH takes it; no leading dash, nothing that a shell or a log could trip over. */
export const sshAddress = z
  .string()
  .trim()
  .min(1, 'write a name or an address')
  .max(253)
  .regex(
    /^[A-Za-z0-9_](?:[A-Za-z0-9._:%-]*[A-Za-z0-9])?$/,
    'write a name or an address, such as nas.lan or 192.168.1.5',
  );
export const sshUser = z
  .string()
  .trim()
  .min(1, 'write the name of a user')
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, 'write the name of a user, such as reeve');
export const sshPort = z.coerce.number().int().min(1, 'ports begin with 1').max(65_535, 'ports end with 65535');

export const hostKey = z.object({
  type: z.string().max(64),
  sha256: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/),
});

/** A key that Reeve signs in with; the private part never leaves the appliance. */
export const auditKey = z.object({
  id: documentId,
  name: displayName,
  type: z.enum(['ssh-ed25519', 'ssh-rsa']),
  bits: z.number().int(),
  sha256: z.string(),
  /** One line for `authorized_keys`. */
  publicKey: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  /** How many targets use it. */
  uses: z.number().int(),
});
export type AuditKey = z.infer<typeof auditKey>;

/** How an audit went. `partial`: it came back without its end, what is there is shown. */
export const auditState = z.enum(['running', 'done', 'partial', 'failed']);
export type AuditState = z.infer<typeof auditState>;

export const finding = z.object({
  checkId: text(64),
  title: text(200),
  severity: findingSeverity,
  /** What was seen, line by line. */
  evidence: z.array(text(300)).max(50),
  reason: text(1_000),
  remedy: text(1_000),
  /** Points that it takes from the score; 0 while it is waived. */
  points: z.number(),
  waiver: z
    .object({ id: documentId, reason: text(500), by: z.string(), expiresAt: instant.exactOptional() })
    .exactOptional(),
});
export type Finding = z.infer<typeof finding>;

/** A check that could not say anything, and why. */
export const unjudged = z.object({ checkId: text(64), title: text(200), why: text(300) });
export type Unjudged = z.infer<typeof unjudged>;

export const auditSummary = z.object({
  id: documentId,
  targetId: documentId,
  targetName: z.string(),
  kind: auditKind,
  via: z.enum(['ssh', 'agent']),
  startedAt: instant,
  endedAt: instant.exactOptional(),
  state: auditState,
  by: z.string(),
  /** Why it failed, or what is missing. */
  problem: z.string().exactOptional(),
  /** `host-key-unknown`, `host-key-changed`, `refused` and so on, where SSH did not work. */
  code: z.string().exactOptional(),
  /** While it runs: sections that have come, of how many. */
  progress: z.object({ done: z.number().int(), of: z.number().int(), section: z.string() }).exactOptional(),
  /** 0–100; absent where nothing was judged. */
  score: z.number().exactOptional(),
  counts: z.object({ critical: z.number(), high: z.number(), medium: z.number(), low: z.number() }).exactOptional(),
  /** Operating system, in words. */
  os: z.string().exactOptional(),
});
export type AuditSummary = z.infer<typeof auditSummary>;

export const auditTarget = z.object({
  id: documentId,
  rev: z.number().int(),
  name: displayName,
  via: z.enum(['ssh', 'agent']),
  address: z.string().exactOptional(),
  port: z.number().int().exactOptional(),
  user: z.string().exactOptional(),
  keyId: documentId.exactOptional(),
  /** Another target to go through. */
  throughId: documentId.exactOptional(),
  /** Runs the script with `sudo -n`. */
  elevate: z.boolean().exactOptional(),
  /** The host of the inventory, where it is one. */
  hostId: documentId.exactOptional(),
  schedule: z.enum(['off', 'quick', 'full']),
  pin: hostKey.extend({ acceptedAt: instant, acceptedBy: z.string() }).exactOptional(),
  /** A key that the host has shown and nobody has accepted. */
  pending: hostKey.extend({ seenAt: instant }).exactOptional(),
  /** Runs in a row that failed. */
  failures: z.number().int(),
  createdAt: instant,
  last: auditSummary.exactOptional(),
});
export type AuditTarget = z.infer<typeof auditTarget>;

export const waiver = z.object({
  id: documentId,
  targetId: documentId,
  checkId: text(64),
  title: z.string(),
  reason: text(500),
  by: z.string(),
  at: instant,
  expiresAt: instant.exactOptional(),
});
export type Waiver = z.infer<typeof waiver>;

/** `nonce` (hex) stands in the marks between the sections of the output. */
export interface AuditAsk {
  kind: AuditKind;
  nonce: string;
}
/** What the script wrote, deflated (raw), in base64; or why it did not run. */
export const auditAnswer = z.union([
  z.object({ ok: z.literal(true), output: z.string().max(1_500_000) }),
  z.object({ ok: z.literal(false), reason: z.string().max(300) }),
]);
export type AuditAnswer = z.infer<typeof auditAnswer>;
