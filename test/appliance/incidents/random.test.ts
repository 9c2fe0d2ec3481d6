import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChannelError } from '../../../appliance/notifications/channel.ts';
import { idOf, SITE, TellingWorld } from '../../helpers/telling-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const KEYS = ['a', 'b', 'c', 'd'] as const;
type Key = (typeof KEYS)[number];

type Deed =
  | { do: 'wrong' | 'right'; key: Key }
  | { do: 'wait'; seconds: number }
  | { do: 'acknowledge'; key: Key }
  | { do: 'silence'; minutes: number }
  | { do: 'restart' }
  | { do: 'away' }
  | { do: 'back' };

const key = fc.constantFrom(...KEYS);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wrong' as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('right' as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('silence' as const), minutes: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'away' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'back' as const }) },
);

/** What is simple, for each slot the episode that is open: which facts are wrong, whether it is silent, and of which episodes people have to hear. */
class Model {
  readonly wrong = new Map<Key, { isTold: boolean; isAcknowledged: boolean }>();
  silentUntil = 0;
  begun = 0;
  ended = 0;
  /** Each episode is of a fact of its own, so that nothing flaps: that is tried with the engine by itself. */
  readonly names = new Map<Key, string>();
  #episodes = 0;

  begin(key: Key, now: number): void {
    if (this.wrong.has(key)) return;
    const isTold = now >= this.silentUntil;
    this.wrong.set(key, { isTold, isAcknowledged: false });
    this.names.set(key, `${key}${++this.#episodes}`);
    if (isTold) this.begun += 1;
  }

  end(key: Key): void {
    if (this.wrong.get(key)?.isTold) this.ended += 1;
    this.wrong.delete(key);
  }

  /** Each second: what was kept quiet is told when the silence is over, unless somebody looks after it. */
  tick(now: number): void {
    if (now < this.silentUntil) return;
    for (const one of this.wrong.values()) {
      if (one.isTold) continue;
      if (one.isAcknowledged) continue;
      one.isTold = true;
      this.begun += 1;
    }
  }
}

async function play(deeds: readonly Deed[]): Promise<void> {
  const world = await TellingWorld.open(0);
  const model = new Model();
  const pass = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds; n++) {
      world.now += SECOND;
      model.tick(world.now);
      await world.step();
    }
  };
  let n = 0;
  for (const each of deeds) {
    await pass(1);
    if (each.do === 'wrong') {
      model.begin(each.key, world.now);
      world.fact(model.names.get(each.key) ?? '', true);
    } else if (each.do === 'right') {
      model.end(each.key);
      world.fact(model.names.get(each.key) ?? 'never', false);
    } else if (each.do === 'wait') await pass(Math.ceil(each.seconds / 6));
    else if (each.do === 'acknowledge') {
      const { book } = world.run.alerts;
      const record = book
        .all()
        .find(({ fact, status }) => fact?.key === model.names.get(each.key) && status === 'open');
      if (record) book.put({ ...record, status: 'acknowledged' }, []);
      const one = model.wrong.get(each.key);
      if (one) one.isAcknowledged = true;
    } else if (each.do === 'silence' && world.now >= model.silentUntil) {
      const endsAt = world.now + each.minutes * MINUTE;
      model.silentUntil = endsAt;
      const match = { hostIds: [], tags: [], ruleIds: [], severities: [] };
      const fields = { siteId: SITE, reason: 'x', match, startsAt: world.now, endsAt, by: 'ann', createdAt: world.now };
      await world.run.quiet.silences.add({ id: idOf(500 + n++), ...fields });
      world.run.quiet.changed();
    } else if (each.do === 'restart') {
      await world.settle();
      await world.start();
    } else if (each.do === 'away')
      world.farEnd = () => {
        throw new ChannelError('away', { mayRetry: true });
      };
    else if (each.do === 'back') world.farEnd = () => undefined;
    await world.settle();
  }
  world.farEnd = () => undefined;
  // Long enough for the last silence, window and try.
  for (const seconds of [30, 30, 30, 30, 30, 30, 60, 60, 300, 300, 600, 600]) {
    world.now += seconds * SECOND;
    model.tick(world.now);
    await world.step();
  }
  const covers = world.arrived.flatMap((each) => each.covers);
  const alerts = await world.alerts();
  const kindOf = (name: string): string => {
    const [id = '', of = ''] = name.split('.');
    return (
      alerts.find((alert) => alert.id === id)?.transitions.find((each) => each.n === Number(of))?.kind ?? 'unknown'
    );
  };
  const kinds = covers.map(kindOf);
  expect(covers).toHaveLength(new Set(covers).size); // No duplicate.
  expect(kinds.filter((kind) => kind === 'fired' || kind === 'released')).toHaveLength(model.begun); // None missed, none too many.
  expect(kinds.filter((kind) => kind === 'resolved')).toHaveLength(model.ended);
  expect(world.run.outbox.waiting).toBe(0); // None stuck,
  expect(world.run.alerts.book.untold()).toEqual([]);
  const open = alerts.filter(({ status }) => status !== 'resolved');
  expect(open.map(({ fact }) => fact?.key).sort()).toEqual(
    [...model.wrong.keys()].map((each) => model.names.get(each)).sort(),
  ); // nor open for nothing.
  expect(open.filter(({ held }) => held)).toEqual([]);
  for (const { transitions } of alerts)
    for (const { isTold, whyNot, kind } of transitions) if (!isTold && kind !== 'pending') expect(whyNot).toBeTruthy(); // Whoever was not told can read why.
}

const RUNS = Number(process.env.RUNS ?? 1_000);

test(`${RUNS} random days from fact to far end: nothing twice, nothing missed, nothing stuck`, async () => {
  await fc.assert(fc.asyncProperty(fc.array(deed, { maxLength: 14 }), play), { numRuns: RUNS });
}, 900_000);
