import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../../appliance/alerts/conditions/condition.ts';
import { Judge, type Kept } from '../../../../appliance/alerts/engine/judge.ts';
import type { Pace } from '../../../../appliance/alerts/engine/sustain.ts';
import { modelOf, type Sample } from './model.ts';

type Stretch = { verdict: Verdict | 'both'; many: number; step: number };

const verdict = fc.constantFrom<Verdict>('broken', 'broken', 'near', 'clear', 'clear');
/** Mostly regular, sometimes a hole, seldom an outage. */
const step = fc.oneof(
  { weight: 12, arbitrary: fc.constant(5_000) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 13_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 13_000, max: 1_200_000 }) },
);
/** The same verdict several times, because single ones never sustain anything. */
const stretch: fc.Arbitrary<Stretch> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ verdict, many: fc.integer({ min: 1, max: 12 }), step }) },
  { weight: 1, arbitrary: fc.record({ verdict, many: fc.integer({ min: 20, max: 250 }), step: fc.constant(5_000) }) },
  // To and fro, as when a value stands at its threshold.
  {
    weight: 2,
    arbitrary: fc.record({
      verdict: fc.constant('both' as const),
      many: fc.integer({ min: 4, max: 60 }),
      step: fc.constant(5_000),
    }),
  },
);
const pace: fc.Arbitrary<Pace> = fc.record({
  forMs: fc.constantFrom(0, 0, 5_000, 20_000, 60_000),
  share: fc.constantFrom(0.5, 0.8, 0.9, 1),
  clearForMs: fc.constantFrom(0, 0, 10_000, 30_000),
  gapMs: fc.constant(12_500),
});

function samplesOf(stretches: readonly Stretch[]): Sample[] {
  const samples: Sample[] = [];
  let at = 0;
  for (const { verdict: each, many, step: ms } of stretches)
    for (let i = 0; i < many; i++) {
      at += ms;
      samples.push({ at, verdict: each !== 'both' ? each : i % 2 === 0 ? 'broken' : 'clear' });
    }
  return samples;
}

/** Ticks each second between the values, as the appliance does; where nothing comes for long, only as often as anything can change. */
function played(samples: readonly Sample[], each: Pace, untilAt: number): string[] {
  const judge = new Judge(each);
  const told: string[] = [];
  const note = (change: { kind: string; at: number } | undefined): void => {
    if (change && change.kind !== 'pending' && change.kind !== 'dropped') told.push(`${change.kind}@${change.at}`);
  };
  let tickAt = 0;
  for (const { at, verdict: said } of [...samples, { at: untilAt, verdict: undefined }]) {
    for (; tickAt < at; tickAt += 1_000) note(judge.tick(tickAt));
    if (said) note(judge.observe(said, 1, at));
  }
  return told;
}

describe('10,000 random sequences against the model', () => {
  const seen: Record<string, number> = {};
  test('tell the same changes at the same moments', () => {
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 25 }), pace, (stretches, each) => {
        const samples = samplesOf(stretches);
        const untilAt = (samples.at(-1)?.at ?? 0) + 1_000_000;
        const told = played(samples, each, untilAt);
        for (const [kind = ''] of told.map((text) => text.split('@'))) seen[kind] = (seen[kind] ?? 0) + 1;
        expect(told).toEqual(modelOf(samples, each, untilAt));
      }),
      { numRuns: 10_000, seed: 5 },
    );
    for (const kind of ['fired', 'resolved', 'stale', 'fresh', 'flapping', 'settled'])
      expect(seen[kind], `${kind} was among what was tried`).toBeGreaterThan(100);
  }, 120_000);
});

describe('2,000 random sequences', () => {
  const run = (check: (samples: Sample[], each: Pace) => void) =>
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 25 }), pace, (stretches, each) =>
        check(samplesOf(stretches), each),
      ),
      { numRuns: 2_000, seed: 6 },
    );

  test(
    'no alert is told twice, none is resolved that was not told',
    () =>
      run((samples, each) => {
        let isOpen = false;
        for (const text of played(samples, each, (samples.at(-1)?.at ?? 0) + 1_000_000)) {
          if (text.startsWith('fired')) expect(isOpen).toBe(false);
          if (text.startsWith('resolved')) expect(isOpen).toBe(true);
          isOpen = text.startsWith('fired') || (isOpen && !text.startsWith('resolved'));
        }
      }),
    60_000,
  );

  test(
    'what then stays broken for long enough fires, what then stays clear for long enough is resolved: nothing is missed or stuck',
    () =>
      run((samples, each) => {
        for (const last of ['broken', 'clear'] as const) {
          const judge = new Judge(each);
          for (const { at, verdict: said } of samples) judge.observe(said, 1, at);
          let at = samples.at(-1)?.at ?? 0;
          // A flapping hold, and then whatever the pace asks for.
          for (const end = at + 1_100_000; at < end; ) {
            at += 5_000;
            judge.observe(last, 1, at);
            judge.tick(at);
          }
          expect(judge.phase).toBe(last === 'broken' ? 'firing' : 'ok');
        }
      }),
    60_000,
  );

  test(
    'a restart anywhere between two values neither tells an open alert again nor loses it',
    () =>
      run((samples, each) => {
        const cut = Math.floor(samples.length / 2);
        const before = new Judge(each);
        for (const { at, verdict: said } of samples.slice(0, cut)) before.observe(said, 1, at);
        const at = samples[cut - 1]?.at ?? 0;
        const isOpen = before.phase === 'firing';
        const kept: Kept = {
          isOpen,
          awaitsClear: false,
          isStale: before.isStale,
          sinceAt: before.sinceAt,
          changes: before.changes,
          at,
          ...(before.heldUntil !== undefined && { heldUntil: before.heldUntil }),
        };
        const after = new Judge(each, isOpen ? kept : { ...kept, isOpen: false });
        expect(after.phase === 'firing').toBe(isOpen);
        const told = samples
          .slice(cut)
          .flatMap(({ at: when, verdict: said }) => after.observe(said, 1, when)?.kind ?? []);
        const first = told.find((kind) => kind === 'fired' || kind === 'resolved');
        if (first) expect(first).toBe(isOpen ? 'resolved' : 'fired');
      }),
    60_000,
  );
});
