import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { anchors, type Entry, entries, heads, trailKeys } from '../../../../appliance/access/trail/documents.ts';
import { Trail } from '../../../../appliance/access/trail/trail.ts';
import type { AuditEvent } from '../../../../appliance/hub.ts';
import { sealWith } from '../../../../appliance/seal.ts';
import type { Collection, Document } from '../../../../appliance/store/documents.ts';
import { openDocumentStore } from '../../../../appliance/store/nedb/documents.ts';
import { FailingDisk } from '../../../helpers/failing-disk.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const DAY_MS = 86_400_000;
const master = Buffer.alloc(32, 7);

/** A trail on a real store, whose documents the test may reach as an intruder would. */
async function bench(options: { dir?: string; disk?: FailingDisk; master?: Buffer } = {}) {
  const dir = options.dir ?? temporaryDirectory();
  const log = keepingLog();
  const documents = await openDocumentStore({ dir, log, ...(options.disk && { disk: options.disk }) });
  onTestFinished(() => documents.close());
  const clock = { now: 1_800_000_000_000 };
  const seal = sealWith(options.master ?? master);
  const open = () => Trail.open({ documents, seal, log, now: () => clock.now, mostWaiting: 50 });
  const trail = await open();
  const add = async (...events: Partial<AuditEvent>[]) => {
    for (const event of events) {
      clock.now += 1_000;
      trail.record({
        at: clock.now,
        siteId: 'here',
        who: 'ann',
        from: '10.0.0.9',
        what: 'hosts.edit',
        detail: {},
        ...event,
      });
    }
    await trail.settled();
  };
  const [stored, head, anchor, keys] = await Promise.all([
    documents.collection(entries),
    documents.collection(heads),
    documents.collection(anchors),
    documents.collection(trailKeys),
  ]);
  const bySeq = async (seq: number): Promise<Entry> => {
    const [found] = await stored.find({ seq });
    if (!found) throw new Error(`no entry ${seq}`);
    return found;
  };
  return {
    dir,
    log,
    trail,
    clock,
    add,
    open,
    stored,
    head,
    anchor,
    keys,
    bySeq,
    documents,
    close: () => documents.close(),
  };
}

const many = (count: number): Partial<AuditEvent>[] => Array.from({ length: count }, (_, n) => ({ detail: { n } }));

async function newestFirst(trail: Trail): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const some of trail.backwards()) all.push(...some);
  return all;
}

/** Writes a document over another as somebody who has the file would. */
const overwrite = <T extends Document>(collection: Collection<T>, document: T) => collection.update(document);

describe('an untouched chain', () => {
  test('is intact, newest first, and goes on after a restart', async () => {
    const { trail, add, open } = await bench();
    await add({ what: 'a.one', before: { name: 'x' }, after: { name: 'y' } }, { what: 'a.two' });
    expect((await newestFirst(trail)).map(({ seq, what }) => [seq, what])).toEqual([
      [2, 'a.two'],
      [1, 'a.one'],
    ]);
    const again = await open();
    again.record({ at: 1_900_000_000_000, who: 'bob', from: '', what: 'a.three', detail: {} });
    await again.settled();
    expect(await again.verify()).toMatchObject({ state: 'intact', entries: 3, seq: 3, problems: [] });
  });

  test('holds whatever the values are', async () => {
    const { trail, add, open } = await bench();
    await add(
      { detail: JSON.parse('{"__proto__":{"x":1},"a.b":1,"$gt":"","%":null,"\\u2028":"\\u2028 \\u0000 ü"}') },
      { detail: { nan: Number.NaN, none: undefined, at: new Date(0), big: 10n, f: () => 1, deep: nested(20) } },
      { before: null, after: [1, 'two', { three: 3 }] },
      { who: '', from: '', detail: { text: 'x'.repeat(100_000), list: Array.from({ length: 5_000 }, () => 1) } },
    );
    expect(await (await open()).verify()).toMatchObject({ state: 'intact', entries: 4 });
    const [long] = await newestFirst(trail);
    expect(JSON.stringify(long).length).toBeLessThan(4_000);
  });

  test('of more entries than are read at once is intact', async () => {
    const { trail, add } = await bench();
    for (let n = 0; n < 6; n++) await add(...many(50));
    expect(await trail.verify()).toMatchObject({ state: 'intact', entries: 300 });
    expect((await newestFirst(trail)).map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, n) => 300 - n));
  });
});

const nested = (depth: number): unknown => (depth === 0 ? 'end' : { in: nested(depth - 1) });

describe('an intruder who has the files, but not the key, is found', () => {
  const change: Partial<Record<keyof Entry, unknown>> = {
    siteId: 'elsewhere',
    at: 1,
    who: 'bob',
    from: '10.0.0.1',
    what: 'hosts.read',
    detail: { n: 99 },
    before: { x: 1 },
    after: { x: 2 },
    prev: 'x'.repeat(43),
    hash: 'x'.repeat(43),
  };
  test.each(Object.keys(change) as (keyof Entry)[])('who changes %s of an entry', async (field) => {
    const { trail, add, bySeq, stored } = await bench();
    await add(...many(5));
    await overwrite(stored, { ...(await bySeq(3)), [field]: change[field] });
    const { state, problems } = await trail.verify();
    expect([state, problems[0]?.seq]).toEqual(['broken', 3]);
  });

  test('who removes one', async () => {
    const { trail, add, bySeq, stored, open } = await bench();
    await add(...many(5));
    await stored.remove((await bySeq(3)).id);
    for (const each of [trail, await open()])
      expect(await each.verify()).toMatchObject({
        state: 'broken',
        problems: [{ seq: 3, text: 'entry 3 is missing' }],
      });
  });

  test('who cuts the tail, also after more was written', async () => {
    const { add, bySeq, stored, open } = await bench();
    await add(...many(5));
    for (const seq of [4, 5]) await stored.remove((await bySeq(seq)).id);
    const again = await open();
    const verdict = { state: 'broken', problems: [{ seq: 4, text: 'entries 4 to 5 are missing' }] };
    expect(await again.verify()).toMatchObject(verdict);
    again.record({ at: 1, who: 'ann', from: '', what: 'a.later', detail: {} });
    await again.settled();
    expect(await again.verify()).toMatchObject(verdict);
  });

  test('who cuts the tail and the mark of the newest entry with it', async () => {
    const { add, bySeq, stored, head, open } = await bench();
    await add(...many(5));
    await stored.remove((await bySeq(5)).id);
    await head.remove('head');
    const again = await open();
    await again.settled();
    expect(await again.verify()).toMatchObject({
      state: 'broken',
      problems: [{ text: expect.stringContaining('missing') }],
    });
    expect((await newestFirst(again))[0]).toMatchObject({ what: 'trail.damaged' });
  });

  test('who sets the mark back', async () => {
    const { add, bySeq, stored, head, open } = await bench();
    await add(...many(5));
    const four = await bySeq(4);
    await stored.remove((await bySeq(5)).id);
    const mark = await head.get('head');
    if (!mark) throw new Error('no mark');
    await overwrite(head, { ...mark, seq: 4, hash: four.hash });
    expect(await (await open()).verify()).toMatchObject({
      state: 'broken',
      problems: [{ text: expect.stringContaining('was changed') }],
    });
  });

  test('who lets two change places', async () => {
    const { trail, add, bySeq, stored } = await bench();
    await add(...many(5));
    const [two, three] = [await bySeq(2), await bySeq(3)];
    await overwrite(stored, { ...two, seq: 3 });
    await overwrite(stored, { ...three, seq: 2 });
    expect((await trail.verify()).state).toBe('broken');
  });

  test('who inserts one between others or behind the end', async () => {
    const { trail, add, bySeq, stored } = await bench();
    await add(...many(3));
    const { rev: _, ...two } = await bySeq(2);
    await stored.insert({ ...two, id: 'copy' });
    expect(await trail.verify()).toMatchObject({
      state: 'broken',
      problems: [{ seq: 2, text: expect.stringContaining('twice') }],
    });
    await stored.remove('copy');
    await stored.insert({ ...two, id: 'far', seq: 9e15 });
    expect(await trail.verify()).toMatchObject({ state: 'broken', problems: [{ seq: 9e15 }] });
    expect((await newestFirst(trail)).map(({ seq }) => seq)).toEqual([3, 2, 1]);
  });

  test('who takes all entries and marks away', async () => {
    const { add, bySeq, stored, open } = await bench();
    await add(...many(3));
    for (const seq of [1, 2, 3]) await stored.remove((await bySeq(seq)).id);
    expect(await (await open()).verify()).toMatchObject({
      state: 'broken',
      problems: [{ text: 'entries 1 to 3 are missing' }],
    });
  });

  test('who takes the key away: what was written with it cannot be proven, and what comes later can', async () => {
    const { add, keys, open, bySeq, stored } = await bench();
    await add(...many(3));
    for (const { id } of await keys.find()) await keys.remove(id);
    const again = await open();
    again.record({ at: 1_900_000_000_000, who: 'ann', from: '', what: 'a.later', detail: {} });
    await again.settled();
    expect(await again.verify()).toMatchObject({ state: 'unproven', problems: [] });
    await overwrite(stored, { ...(await bySeq(4)), who: 'bob' });
    expect(await (await open()).verify()).toMatchObject({ state: 'broken', problems: [{ seq: 4 }] });
  });

  test('who has another master key: nothing passes for proven', async () => {
    const dir = temporaryDirectory();
    const first = await bench({ dir });
    await first.add(...many(3));
    await first.close();
    const second = await bench({ dir, master: Buffer.alloc(32, 8) });
    expect((await second.trail.verify()).state).toBe('unproven');
    await second.add(...many(2));
    expect(await second.trail.verify()).toMatchObject({ state: 'unproven', entries: 5, problems: [] });
  });
});

describe('a stop between an entry and its mark', () => {
  test('costs nothing, and the next entry follows', async () => {
    const { add, head, open } = await bench();
    await add(...many(2));
    const mark = await head.get('head');
    await add(...many(3));
    if (!mark) throw new Error('no mark');
    await overwrite(head, mark);
    const again = await open();
    again.record({ at: 1_900_000_000_000, who: 'ann', from: '', what: 'a.later', detail: {} });
    await again.settled();
    expect(await again.verify()).toMatchObject({ state: 'intact', seq: 6 });
  });

  test('at the very first entry costs nothing', async () => {
    const { add, head, open } = await bench();
    const mark = await head.get('head');
    await add(...many(3));
    if (!mark) throw new Error('no mark');
    await overwrite(head, mark);
    expect(await (await open()).verify()).toMatchObject({ state: 'intact', seq: 3 });
  });
});

describe('pruning', () => {
  test('takes what is older than 90 days, and the rest is still proven', async () => {
    const { trail, add, clock, open, stored } = await bench();
    for (let n = 0; n < 6; n++) await add(...many(50));
    clock.now += 100 * DAY_MS;
    await add(...many(5));
    expect(await trail.prune(clock.now - 30 * DAY_MS)).toBe(300);
    expect(await stored.find()).toHaveLength(5);
    for (const each of [trail, await open()])
      expect(await each.verify()).toMatchObject({ state: 'intact', entries: 5, seq: 305 });
    expect(await trail.prune(clock.now - 30 * DAY_MS)).toBe(0);
  });

  test('never takes what is younger, nor the newest entry', async () => {
    const { trail, add, clock } = await bench();
    await add(...many(3));
    clock.now += 89 * DAY_MS;
    expect(await trail.prune(clock.now - 1 * DAY_MS)).toBe(0);
    clock.now += 1000 * DAY_MS;
    expect(await trail.prune(clock.now - 365 * DAY_MS)).toBe(2);
    expect(await trail.verify()).toMatchObject({ state: 'intact', entries: 1 });
  });

  test('that was stopped behind its mark is finished by the next; what it left counts for nothing', async () => {
    const { trail, add, clock, open, stored, bySeq } = await bench();
    await add(...many(3));
    clock.now += 100 * DAY_MS;
    await add(...many(2));
    const { rev: _, ...left } = await bySeq(2);
    await trail.prune(clock.now - 90 * DAY_MS);
    await stored.insert(left);
    const again = await open();
    expect(await again.verify()).toMatchObject({ state: 'intact', entries: 2 });
    expect((await newestFirst(again)).map(({ seq }) => seq)).toEqual([5, 4]);
    expect(await again.prune(clock.now)).toBe(1);
  });

  test('hides nothing: whoever moves or takes the mark of what was pruned is found', async () => {
    const { trail, add, clock, open, anchor, bySeq } = await bench();
    await add(...many(3));
    clock.now += 100 * DAY_MS;
    await add(...many(4));
    await trail.prune(clock.now - 90 * DAY_MS);
    const mark = await anchor.get('anchor');
    if (!mark) throw new Error('no mark');
    await overwrite(anchor, { ...mark, seq: 5, hash: (await bySeq(5)).hash });
    expect((await (await open()).verify()).state).toBe('broken');
    await anchor.remove('anchor');
    expect((await (await open()).verify()).state).toBe('broken');
  });
});

describe('a disk that takes nothing', () => {
  test('stops nobody: entries wait, the health page says so, and they are written in order when it works again', async () => {
    const disk = new FailingDisk();
    const { trail, add } = await bench({ disk });
    await add(...many(2));
    disk.mode = 'torn';
    await add(...many(3));
    expect(trail.state()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/^3 entries wait.*disk is full/),
    });
    disk.mode = 'works';
    await trail.retry();
    expect(trail.state()).toEqual({ status: 'ok', detail: '5 entries' });
    expect(await trail.verify()).toMatchObject({ state: 'intact', entries: 5 });
  });

  test('for very long loses the oldest, and the trail says how many', async () => {
    const disk = new FailingDisk();
    const { trail, add } = await bench({ disk });
    await add(...many(1));
    disk.mode = 'torn';
    await add(...many(70));
    expect(trail.counts).toMatchObject({ waiting: 50, lost: 20 });
    disk.mode = 'works';
    await trail.settled();
    const all = await newestFirst(trail);
    expect(all.find(({ what }) => what === 'trail.lost')).toMatchObject({ seq: 2, detail: { entries: 20 } });
    expect([all.length, (await trail.verify()).state]).toEqual([52, 'intact']);
  });

  test('with a damaged line: the entry is named as missing', async () => {
    const first = await bench();
    await first.add(...many(5));
    await first.close();
    const file = path.join(first.dir, 'docs', 'audit-trail.db');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"n":2', '"n":9'));
    const { trail } = await bench({ dir: first.dir });
    expect(await trail.verify()).toMatchObject({ state: 'broken', problems: [{ seq: 3, text: 'entry 3 is missing' }] });
  });
});

test('an entry stands in the log with its hash, as a witness outside of the files', async () => {
  const { add, log, bySeq } = await bench();
  await add({ what: 'hosts.remove' });
  expect(log.lines.join()).toContain((await bySeq(1)).hash);
});
