import { describe, expect, it } from 'vitest';
import * as messages from '../../agent/messages.ts';
import * as protocol from '../../protocol/agent-link.ts';
import { signedOrder } from '../../protocol/updates.ts';

const at = 1_790_000_000_000;
const stream = 'stream-00';

/** Everything that the protocol allows an appliance to say, with what it must not. */
const CASES = [
  {
    name: 'challenge',
    ours: messages.challenge,
    theirs: protocol.challenge,
    good: [{ protocol: 1, applianceId: '01890000-0000-7000-8000-000000000001', nonce: 'a'.repeat(43), later: 1 }],
    bad: [
      {},
      null,
      5,
      { protocol: 'x', applianceId: '', nonce: '' },
      { protocol: 1, applianceId: 'a'.repeat(65), nonce: '' },
    ],
  },
  {
    name: 'order to update',
    ours: messages.signedOrder,
    theirs: signedOrder,
    good: [{ order: '{}', signature: 'a'.repeat(86), releaseKey: 'a'.repeat(43), attestation: 'a'.repeat(86) }],
    bad: [
      {},
      null,
      { order: 5, signature: '', releaseKey: '', attestation: '' },
      { order: 'x'.repeat(4_001), signature: 'a'.repeat(86), releaseKey: 'a'.repeat(43), attestation: 'a'.repeat(86) },
    ],
  },
  {
    name: 'hello answer',
    ours: messages.answers.hello,
    theirs: undefined,
    good: [
      { ok: true, value: { hostId: '01890000-0000-7000-8000-000000000001', intervalMs: 5_000, at } },
      { ok: false, error: { code: 'limit', message: 'slower' } },
    ],
    bad: [
      { ok: true },
      { ok: true, value: { hostId: 'x', intervalMs: 0, at } },
      { ok: true, value: { hostId: 'x', intervalMs: 1e9, at } },
      { ok: false, error: { code: 'unheard-of', message: '' } },
      { ok: false, error: { code: 'limit', message: 'x'.repeat(2_000) } },
      'yes',
      null,
    ],
  },
  {
    name: 'welcome',
    ours: messages.answers.declare,
    theirs: undefined,
    good: [
      { ok: true, value: { stream, ackedSeq: 0, refused: [{ metric: 'a', reason: 'b' }] } },
      { ok: true, value: { stream, ackedSeq: 0, refused: [], holdMs: 3_600_000, askMs: 60_000 } },
    ],
    bad: [
      { ok: true, value: { stream, ackedSeq: 0, refused: [], askMs: 60_001 } },
      { ok: true, value: { stream, ackedSeq: 0, refused: [], askMs: -1 } },
      { ok: true, value: { stream, ackedSeq: -1, refused: [] } },
      { ok: true, value: { stream, ackedSeq: 0.5, refused: [] } },
    ],
  },
  {
    name: 'acknowledgements',
    ours: messages.answers.frames,
    theirs: undefined,
    good: [
      { ok: true, value: [{ stream, ackedSeq: 2 ** 53 - 1 }] },
      { ok: true, value: [{ stream, ackedSeq: 1, takenSeq: 2 }] },
      { ok: true, value: [] },
    ],
    bad: [
      { ok: true, value: {} },
      { ok: true, value: [{ stream, ackedSeq: Number.NaN }] },
      { ok: true, value: [{ stream, ackedSeq: 1, takenSeq: -1 }] },
      { ok: true, value: Array.from({ length: 65 }, () => ({ stream, ackedSeq: 1 })) },
    ],
  },
  {
    name: 'time',
    ours: messages.answers.time,
    theirs: undefined,
    good: [{ ok: true, value: at }],
    bad: [
      { ok: true, value: 0 },
      { ok: true, value: Number.POSITIVE_INFINITY },
      { ok: true, value: '2026' },
    ],
  },
  {
    name: 'interval',
    ours: messages.intervalChange,
    theirs: undefined,
    good: [{ intervalMs: 1_000 }],
    bad: [{ intervalMs: 999 }, { intervalMs: 300_001 }, {}, null],
  },
  {
    name: 'watch',
    ours: messages.watchLease,
    theirs: undefined,
    good: [{ intervalMs: 1_000, leaseMs: 15_000 }],
    bad: [{ intervalMs: 10, leaseMs: 15_000 }, { intervalMs: 1_000, leaseMs: 1e9 }, undefined],
  },
] as const;

describe.each(CASES)('the agent’s check of $name', ({ ours, theirs, good, bad }) => {
  it('takes what the protocol allows', () => {
    for (const message of good) {
      expect(ours.safeParse(message).error).toBeUndefined();
      if (theirs) expect(theirs.safeParse(message).error).toBeUndefined();
    }
  });

  it('takes nothing odd', () => {
    for (const message of bad) expect(ours.safeParse(message).success).toBe(false);
  });
});

describe('what the appliance may answer', () => {
  it('in full is understood: every refusal, a welcome and acknowledgements as its own schemas make them', () => {
    const codes: protocol.Refusal['code'][] = [
      'protocol',
      'unauthenticated',
      'revoked',
      'quarantined',
      'invalid',
      'undeclared',
      'limit',
      'busy',
      'storage',
    ];
    for (const code of codes) expect(messages.refusal.safeParse({ code, message: 'x' }).success).toBe(true);
    const welcome = protocol.welcome.parse({ stream, ackedSeq: 5 });
    expect(messages.answers.declare.safeParse({ ok: true, value: welcome }).success).toBe(true);
    const answer = protocol.helloAnswer.parse({
      hostId: '01890000-0000-7000-8000-000000000001',
      intervalMs: 300_000,
      at,
    });
    expect(messages.answers.hello.safeParse({ ok: true, value: answer }).success).toBe(true);
  });
});
