import * as z from 'zod/mini';
import type { Ack, Challenge, HelloAnswer, Refusal, Welcome } from '../protocol/agent-link.ts';
import type { AuditAsk } from '../protocol/audits.ts';
import { FRAME_LIMITS, INTERVAL_MS } from '../protocol/limits.ts';
import type { SignedOrder } from '../protocol/updates.ts';

// Compiled checks are for those who check thousands a second.
z.config({ jitless: true });

/**
 * Checks of everything that comes from the appliance. They say less than the schemas in protocol/, which would cost the agent 9 MiB:
 * only what the agent uses, and bounds on it. A test holds them against those schemas.
 */
const text = (most: number) => z.string().check(z.maxLength(most));
const seq = z.int().check(z.gte(0));
const instant = z.number().check(z.gte(946_684_800_000), z.lte(7_258_118_400_000));
const interval = z.int().check(z.gte(INTERVAL_MS.least), z.lte(INTERVAL_MS.most));

export const challenge: z.ZodMiniType<Challenge> = z.object({
  protocol: z.int(),
  applianceId: text(64),
  nonce: text(64),
});
export const refusal: z.ZodMiniType<Refusal> = z.object({
  code: z.enum([
    'protocol',
    'unauthenticated',
    'revoked',
    'quarantined',
    'invalid',
    'undeclared',
    'limit',
    'busy',
    'storage',
    'clock-untrusted',
  ]),
  message: text(1_000),
});
const expectedServices = z
  .array(z.object({ name: text(200), isCritical: z.boolean() }))
  .check(z.maxLength(FRAME_LIMITS.servicesPerHost));
export const servicesChange = z.object({ services: expectedServices });
const helloAnswer: z.ZodMiniType<HelloAnswer> = z.object({
  hostId: text(64),
  intervalMs: interval,
  at: instant,
  services: z.exactOptional(expectedServices),
});
const ack: z.ZodMiniType<Ack> = z.object({ stream: text(64), ackedSeq: seq, takenSeq: z.exactOptional(seq) });
const welcome: z.ZodMiniType<Welcome> = z.object({
  stream: text(64),
  ackedSeq: seq,
  refused: z.array(z.object({ metric: text(200), reason: text(1_000) })).check(z.maxLength(2_000)),
  holdMs: z._default(z.int().check(z.gte(0), z.lte(3_600_000)), 0),
  askMs: z._default(z.int().check(z.gte(0), z.lte(60_000)), 0),
});
export const intervalChange = z.object({ intervalMs: interval });
export const auditAsk: z.ZodMiniType<AuditAsk> = z.object({
  kind: z.enum(['quick', 'full']),
  nonce: z.string().check(z.regex(/^[0-9a-f]{16,64}$/)),
});
export const watchLease = z.object({
  intervalMs: z.int().check(z.gte(INTERVAL_MS.watch), z.lte(60_000)),
  leaseMs: z.int().check(z.gte(0), z.lte(60_000)),
});

/** What is in the order is checked once it is known who wrote it. */
export const signedOrder: z.ZodMiniType<SignedOrder> = z.object({
  order: text(4_000),
  signature: text(120),
  releaseKey: text(60),
  attestation: text(120),
});

/** Every answer is a value or a coded refusal. */
const answer = <T>(value: z.ZodMiniType<T>) =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), error: refusal }),
  ]);
export type AnswerTo<T> = ReturnType<typeof answer<T>>;

export const answers = {
  hello: answer(helloAnswer),
  declare: answer(welcome),
  frames: answer(z.array(ack).check(z.maxLength(64))),
  skip: answer(ack),
  time: answer(instant),
  leave: answer(z.null()),
} as const;
