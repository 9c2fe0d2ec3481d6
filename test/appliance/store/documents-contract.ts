import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Collection,
  ConflictError,
  type Document,
  type DocumentStore,
  type Filter,
  type FindOptions,
  type Kind,
  MissingError,
} from '../../../appliance/store/documents.ts';

/** What the suite needs of a store: open it, and open it again on the same data. */
export interface StoreUnderTest {
  open(): Promise<DocumentStore>;
}

const schema = z.object({
  id: z.string(),
  siteId: z.string(),
  rev: z.number(),
  name: z.string(),
  size: z.number().default(7),
  state: z.enum(['open', 'shut']).default('open'),
  labels: z.record(z.string(), z.string()).default({}),
});
type Thing = z.infer<typeof schema>;
const bare = z.looseObject({ id: z.string(), siteId: z.string(), rev: z.number() });
export const things: Kind<Thing> = { name: 'things', schema, indexes: ['siteId', 'name'] };

export const thing = (id: string, more: Partial<Thing> = {}): Omit<Thing, 'rev'> => ({
  id,
  siteId: 'home',
  name: `name of ${id}`,
  size: 1,
  state: 'open',
  labels: {},
  ...more,
});

/** The promises of `DocumentStore`, the same for every engine. */
export function documentsContract(engine: string, make: () => StoreUnderTest): void {
  describe(`documents on ${engine}`, () => {
    test('what was inserted is there after the store was opened again', async () => {
      const { open } = make();
      const first = await open();
      const inserted = await (await first.collection(things)).insert(thing('a'));
      expect(inserted).toEqual({ ...thing('a'), rev: 1 });
      await first.close();
      const second = await open();
      expect(await (await second.collection(things)).get('a')).toEqual(inserted);
      await second.close();
    });

    test('an id that exists is a conflict, and the document stays as it was', async () => {
      await within(make, async (collection) => {
        await collection.insert(thing('a', { name: 'first' }));
        await expect(collection.insert(thing('a', { name: 'second' }))).rejects.toBeInstanceOf(ConflictError);
        expect((await collection.get('a'))?.name).toBe('first');
      });
    });

    test('an update replaces the document and raises its revision', async () => {
      await within(make, async (collection) => {
        await collection.insert(thing('a', { labels: { x: '1' } }));
        const updated = await collection.update(thing('a', { name: 'new' }));
        expect(updated).toEqual({ ...thing('a', { name: 'new' }), rev: 2 });
        expect(await collection.get('a')).toEqual(updated);
      });
    });

    test('an update with the revision of yesterday is a conflict', async () => {
      await within(make, async (collection) => {
        await collection.insert(thing('a'));
        await collection.update(thing('a', { name: 'theirs' }), { ifRev: 1 });
        await expect(collection.update(thing('a', { name: 'mine' }), { ifRev: 1 })).rejects.toBeInstanceOf(
          ConflictError,
        );
        expect((await collection.get('a'))?.name).toBe('theirs');
      });
    });

    test('of many updates with the same revision at once exactly one wins', async () => {
      await within(make, async (collection) => {
        await collection.insert(thing('a'));
        const tries = Array.from({ length: 8 }, (_, n) => collection.update(thing('a', { size: n }), { ifRev: 1 }));
        const settled = await Promise.allSettled(tries);
        expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await collection.get('a'))?.rev).toBe(2);
      });
    });

    test('an update of a document that is gone says so', async () => {
      await within(make, async (collection) => {
        await expect(collection.update(thing('a'))).rejects.toBeInstanceOf(MissingError);
        expect(await collection.get('a')).toBeUndefined();
      });
    });

    test('removal says whether there was anything', async () => {
      await within(make, async (collection) => {
        await collection.insert(thing('a'));
        expect(await collection.remove('a')).toBe(true);
        expect(await collection.remove('a')).toBe(false);
        expect(await collection.find()).toEqual([]);
      });
    });

    test('filters find by value, by list and by range, and all must hold', async () => {
      await within(make, async (collection) => {
        for (const [n, id] of ['a', 'b', 'c', 'd'].entries()) {
          await collection.insert(
            thing(id, { size: n, siteId: n < 2 ? 'home' : 'work', state: n % 2 ? 'shut' : 'open' }),
          );
        }
        const ids = async (...filter: Parameters<typeof collection.find>) =>
          (await collection.find(...filter)).map(({ id }) => id).sort();
        expect(await ids({ siteId: 'work' })).toEqual(['c', 'd']);
        expect(await ids({ id: { in: ['a', 'd', 'x'] } })).toEqual(['a', 'd']);
        expect(await ids({ size: { gte: 1, lt: 3 } })).toEqual(['b', 'c']);
        expect(await ids({ siteId: 'home', state: 'shut' })).toEqual(['b']);
        expect(await ids({ id: { in: [] } })).toEqual([]);
      });
    });

    test('order is by the field and then by the id, and a limit counts from its beginning', async () => {
      await within(make, async (collection) => {
        for (const [id, size] of [
          ['c', 2],
          ['a', 2],
          ['b', 1],
        ] as const)
          await collection.insert(thing(id, { size }));
        const ids = async (order: 'up' | 'down', limit?: number) =>
          (await collection.find({}, { sort: { by: 'size', order }, ...(limit === undefined ? {} : { limit }) })).map(
            ({ id }) => id,
          );
        expect(await ids('up')).toEqual(['b', 'a', 'c']);
        expect(await ids('down')).toEqual(['a', 'c', 'b']);
        expect(await ids('up', 2)).toEqual(['b', 'a']);
        expect(await ids('up', 0)).toEqual([]);
        const byId = await collection.find({}, { sort: { by: 'id', order: 'down' }, limit: 2 });
        expect(byId.map(({ id }) => id)).toEqual(['c', 'b']);
      });
    });

    test.each([
      ['an operator as value', { name: { $ne: null } }],
      ['an operator as field', { $where: 'true' }],
      ['a path', { 'labels.x': '1' }],
      ['an operator inside a range', { size: { gte: { $gt: 0 } } }],
      ['an operator inside a list', { name: { in: [{ $exists: true }] } }],
      ['an unknown operator', { name: { regex: '.*' } }],
      ['a value that is missing', { siteId: undefined }],
      ['an empty condition', { siteId: {} }],
      ['a list as value', { name: ['a'] }],
    ])('a filter with %s is refused and finds nothing', async (_, filter) => {
      await within(make, async (collection) => {
        await collection.insert(thing('a'));
        await expect(collection.find(filter as never)).rejects.toMatchObject({ code: 'invalid-filter' });
      });
    });

    test('any key and any text come back as they were', async () => {
      const labels = JSON.parse(
        '{"a.b":"1","$set":"2","__proto__":"3","100%":"4","%2E":"5","":"6","constructor":"7","🙂":"\\u2028\\u0085"}',
      );
      await within(make, async (collection) => {
        await collection.insert(thing('a', { labels }));
        const read = await collection.get('a');
        expect(Object.entries(read?.labels ?? {}).sort()).toEqual(Object.entries(labels).sort());
      });
    });

    test.each([
      ['NaN', Number.NaN],
      ['infinity', Number.POSITIVE_INFINITY],
      ['a date', new Date()],
      ['a function', () => 1],
      ['a big integer', 1n],
      ['a map', new Map()],
    ])('%s is refused, because it would come back as something else', async (_, odd) => {
      await within(make, async (collection) => {
        const document = { ...thing('a'), extra: { deep: [odd] } };
        await expect(collection.insert(document)).rejects.toMatchObject({ code: 'unstorable' });
        expect(await collection.get('a')).toBeUndefined();
      });
    });

    test('a document that does not fit its schema is not stored', async () => {
      await within(make, async (collection) => {
        await expect(collection.insert(thing('a', { size: 'big' as never }))).rejects.toThrow();
        await collection.insert(thing('a'));
        await expect(collection.update(thing('a', { size: 'big' as never }))).rejects.toThrow();
        expect(await collection.get('a')).toEqual({ ...thing('a'), rev: 1 });
      });
    });

    test('fields that a newer version wrote survive being read and written by this one', async () => {
      const { open } = make();
      const first = await open();
      const newer = { ...thing('a'), future: { deep: [1, { more: true }] } };
      await (await first.collection(things)).insert(newer);
      await first.close();
      const second = await open();
      const collection = await second.collection(things);
      const read = (await collection.get('a')) as Thing;
      const written = await collection.update({ ...read, name: 'renamed' });
      expect(written).toEqual({ ...newer, name: 'renamed', rev: 2 });
      await second.close();
    });

    test('a document written before a field existed gets its default', async () => {
      const { open } = make();
      const first = await open();
      const older: Kind<Document> = { ...things, schema: bare, indexes: [] };
      await (await first.collection(older)).insert({ id: 'a', siteId: 'home', name: 'old' } as never);
      await first.close();
      const second = await open();
      const collection = await second.collection(things);
      expect(await collection.get('a')).toMatchObject({ name: 'old', size: 7, state: 'open' });
      expect(await collection.find({ size: 7 })).toHaveLength(1);
      await second.close();
    });

    test('a stored document that does not fit is left out and named, and the others are there', async () => {
      const { open } = make();
      const first = await open();
      const loose: Kind<Document> = { ...things, schema: bare, indexes: [] };
      const collection = await first.collection(loose);
      await collection.insert({ id: 'bad', siteId: 'home' });
      await collection.insert(thing('good'));
      await first.close();
      const second = await open();
      const strict = await second.collection(things);
      expect((await strict.find()).map(({ id }) => id)).toEqual(['good']);
      expect(await strict.get('bad')).toBeUndefined();
      expect(second.quarantined.map(({ reason }) => reason).join()).toContain('bad');
      await expect(strict.insert(thing('bad'))).rejects.toBeInstanceOf(ConflictError);
      await second.close();
    });

    test('a document that does not fit is neither changed nor removed, takes no place in a limit, and is there for who reads less strictly', async () => {
      const { open } = make();
      const loose: Kind<Document> = { ...things, schema: bare, indexes: [] };
      const first = await open();
      const before = await (await first.collection(loose)).insert({ id: 'a', siteId: 'home', name: 7 } as never);
      await first.close();
      const second = await open();
      const strict = await second.collection(things);
      for (const id of ['b', 'c']) await strict.insert(thing(id));
      await expect(strict.update(thing('a'))).rejects.toBeInstanceOf(MissingError);
      expect(await strict.remove('a')).toBe(false);
      expect(await idsOf(strict, { id: { in: ['a', 'b'] } })).toEqual(['b']);
      expect(await idsOf(strict, {}, { sort: { by: 'id', order: 'up' }, limit: 2 })).toEqual(['b', 'c']);
      await second.close();
      const third = await open();
      expect(await (await third.collection(loose)).get('a')).toEqual(before);
      await third.close();
    });

    test('a document that fits again is found again', async () => {
      const { open } = make();
      const loose: Kind<Document> = { ...things, schema: bare, indexes: [] };
      for (const [kind, count] of [
        [loose, 1],
        [things, 0],
        [loose, 1],
      ] as const) {
        const store = await open();
        const collection = await store.collection(kind as Kind<Document>);
        if (!(await collection.get('a')) && count === 1) await collection.insert({ id: 'a', siteId: 'home' });
        expect(await collection.find({ siteId: 'home' })).toHaveLength(count);
        await store.close();
      }
    });

    test('hundreds of documents get their default, and are found by it', async () => {
      const { open } = make();
      const first = await open();
      const older = await first.collection({ ...things, schema: bare, indexes: [] } as Kind<Document>);
      const all = Array.from({ length: 450 }, (_, n) => `id-${String(n).padStart(3, '0')}`);
      await Promise.all(all.map((id) => older.insert({ id, siteId: 'home', name: id } as never)));
      await first.close();
      const second = await open();
      const collection = await second.collection(things);
      expect(await idsOf(collection, { size: 7, state: 'open' }, { sort: { by: 'name', order: 'up' } })).toEqual(all);
      await second.close();
    });

    test.each([
      ['NUL', 'a\u0000b'],
      ['half a character', '\ud800 and \udc00'],
      ['breaks of lines and pages', '\u2028\u2029\u0085\u000b\r\n'],
      ['control characters', '\u0001\u001f\u007f'],
      ['a character beyond 16 bits', '🙂𐀀'],
      ['quotes and backslashes', `\\ ' " \`\\u0000 %00 $1`],
      ['nothing', ''],
      ['5 MB', 'long ä '.repeat(700_000)],
    ])('a text with %s comes back as it was, and is found by its value', async (_, text) => {
      const { open } = make();
      const first = await open();
      const written = await (await first.collection(things)).insert(
        thing('a', { name: text, labels: { [text]: text } }),
      );
      await (await first.collection(things)).insert(thing('b', { name: `${text}.` }));
      await first.close();
      const second = await open();
      const collection = await second.collection(things);
      expect(await collection.get('a')).toEqual(written);
      expect(await idsOf(collection, { name: text })).toEqual(['a']);
      expect(await idsOf(collection, { name: { in: [text] } })).toEqual(['a']);
      await collection.update({ ...written, size: 2 }, { ifRev: 1 });
      expect(await idsOf(collection, { name: text, size: 2 })).toEqual(['a']);
      await second.close();
    });

    test('texts that look like each other when they are written in another way stay apart', async () => {
      await within(make, async (collection) => {
        const names = [
          '\u0000',
          '\\u0000',
          '\u00010000',
          '0000',
          '\ufffd',
          '\ud800',
          '\udc00',
          '%00',
          `${'x'.repeat(5_000)}1`,
          `${'x'.repeat(5_000)}2`,
        ];
        for (const [n, name] of names.entries()) await collection.insert(thing(`id-${n}`, { name }));
        for (const [n, name] of names.entries()) expect(await idsOf(collection, { name })).toEqual([`id-${n}`]);
      });
    });

    test.each([
      ['NUL in it', 'a\u0000b'],
      ['half a character', '\ud800'],
      ['a letter of another language', 'É'],
      ['a path', '../x'],
      ['an end of a statement', "'; drop table x; --"],
      ['5,000 characters', 'x'.repeat(5_000)],
    ])('an id with %s is one like any other', async (_, id) => {
      await within(make, async (collection) => {
        expect(await collection.get(id)).toBeUndefined();
        await collection.insert(thing(id));
        await expect(collection.insert(thing(id))).rejects.toBeInstanceOf(ConflictError);
        expect((await collection.get(id))?.id).toBe(id);
        expect(await idsOf(collection, { id })).toEqual([id]);
        expect((await collection.update(thing(id, { size: 3 }))).rev).toBe(2);
        expect(await collection.remove(id)).toBe(true);
      });
    });

    test.each(['', '__proto__'])('the id %j is refused', async (id) => {
      await within(make, async (collection) => {
        await expect(collection.insert(thing(id))).rejects.toMatchObject({ code: 'unstorable' });
        expect(await collection.get(id)).toBeUndefined();
      });
    });

    test.each([0, -1, 0.1 + 0.2, 1e21, -1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, 1_763_800_000_123])(
      'the number %d comes back as it was, and is found by its value and its neighbours',
      async (size) => {
        await within(make, async (collection) => {
          await collection.insert(thing('a', { size }));
          expect((await collection.get('a'))?.size).toBe(size);
          expect(await idsOf(collection, { size })).toEqual(['a']);
          expect(await idsOf(collection, { size: { gte: size } })).toEqual(['a']);
          expect(await idsOf(collection, { size: { lt: size } })).toEqual([]);
          expect(
            await idsOf(collection, { size: { gte: Number.NEGATIVE_INFINITY, lt: Number.POSITIVE_INFINITY } }),
          ).toEqual(['a']);
        });
      },
    );

    test('minus zero is zero', async () => {
      await within(make, async (collection) => {
        expect((await collection.insert(thing('a', { size: -0 }))).size).toBe(0);
        expect((await collection.get('a'))?.size).toBe(0);
        expect(await idsOf(collection, { size: 0 })).toEqual(['a']);
      });
    });

    test('order is: missing, null, numbers, texts by their characters, false, true; down is the other way round', async () => {
      await withAny(make, async (collection) => {
        const values = [undefined, null, -5, 0, 2, 10, '', '10', '2', 'B', 'a', 'b', 'Ö', 'ä', '…', false, true];
        const shuffled = values.map((v, n) => ({ id: `id-${String(n).padStart(2, '0')}`, siteId: 'home', v }));
        for (const each of shuffled.toSorted((a, b) => (a.id.slice(-1) < b.id.slice(-1) ? -1 : 1)))
          await collection.insert(each as never);
        const sorted = async (order: 'up' | 'down') =>
          (await collection.find({}, { sort: { by: 'v' as never, order } })).map((each) => Reflect.get(each, 'v'));
        expect(await sorted('up')).toEqual(values);
        expect(await sorted('down')).toEqual(values.toReversed());
      });
    });

    test('a value is equal to its like only, and a range holds values of its own sort only', async () => {
      await withAny(make, async (collection) => {
        const values: Record<string, unknown> = {
          missing: undefined,
          null: null,
          one: 1,
          text: '1',
          yes: true,
          no: false,
          zero: 0,
          empty: '',
          part: { a: 1 },
        };
        for (const [id, v] of Object.entries(values)) await collection.insert({ id, siteId: 'home', v } as never);
        const found = (v: unknown) => idsOf(collection, { v } as never);
        expect(await found(null)).toEqual(['null']);
        expect(await found('1')).toEqual(['text']);
        expect(await found(true)).toEqual(['yes']);
        expect(await found(0)).toEqual(['zero']);
        expect(await found('')).toEqual(['empty']);
        expect(await found({ in: [null, '1', 0, false, 99] })).toEqual(['no', 'null', 'text', 'zero']);
        expect(await found({ gte: 0 })).toEqual(['one', 'zero']);
        expect(await found({ lt: 1 })).toEqual(['zero']);
        expect(await found({ gte: '' })).toEqual(['empty', 'text']);
        expect(await found({ lt: '1' })).toEqual(['empty']);
        expect(await found({ gte: 0, lt: '2' })).toEqual([]);
        for (const odd of [null, true, false]) expect(await found({ gte: odd })).toEqual([]);
        expect(await idsOf(collection, { id: 1 } as never)).toEqual([]);
        expect(await idsOf(collection, { rev: 1, id: { gte: 'n', lt: 'p' } })).toEqual(['no', 'null', 'one']);
        expect(await idsOf(collection, { rev: { gte: 2 } })).toEqual([]);
      });
    });

    test('the keys of a document keep their order', async () => {
      const { open } = make();
      const first = await open();
      const labels = { zebra: '1', a: '2', longer: '3', B: '4' };
      await (await first.collection(things)).insert({ ...thing('a', { labels }), zulu: { y: 1, x: 2 } } as never);
      await first.close();
      const second = await open();
      const read = (await (await second.collection(things)).get('a')) as unknown as Record<string, object>;
      expect(Object.keys(read.labels ?? {})).toEqual(Object.keys(labels));
      expect(Object.keys(read.zulu ?? {})).toEqual(['y', 'x']);
      await second.close();
    });

    test('of many inserts of one id at once exactly one wins', async () => {
      await within(make, async (collection) => {
        const tries = Array.from({ length: 8 }, (_, size) => collection.insert(thing('a', { size })));
        const won = (await Promise.allSettled(tries)).flatMap((each) =>
          each.status === 'fulfilled' ? [each.value] : [],
        );
        expect(won).toHaveLength(1);
        expect(await collection.find()).toEqual(won);
      });
    });

    test('what was read is a copy', async () => {
      await within(make, async (collection) => {
        const inserted = await collection.insert(thing('a', { labels: { x: '1' } }));
        inserted.labels.x = 'changed';
        const read = await collection.get('a');
        if (read) read.labels.x = 'changed';
        expect((await collection.get('a'))?.labels).toEqual({ x: '1' });
      });
    });

    test('kinds are apart, also with the same ids', async () => {
      const store = await make().open();
      const others: Kind<Thing> = { ...things, name: 'things-2' };
      const [one, two] = [await store.collection(things), await store.collection(others)];
      await one.insert(thing('a', { size: 1 }));
      await two.insert(thing('a', { size: 2 }));
      await two.update(thing('a', { size: 3 }));
      expect(await one.find()).toEqual([{ ...thing('a', { size: 1 }), rev: 1 }]);
      expect(await two.remove('a')).toBe(true);
      expect(await one.get('a')).toBeDefined();
      expect(store.kinds().map(({ name }) => name)).toEqual(['things', 'things-2']);
      await store.close();
    });

    test('two askers of one kind share it', async () => {
      const store = await make().open();
      const [one, two] = await Promise.all([store.collection(things), store.collection(things)]);
      await one.insert(thing('a'));
      expect(await two.get('a')).toBeDefined();
      await store.close();
    });

    test.each(['', '../things', 'Things', 'a/b', 'x~'])('%j is refused as the name of a kind', async (name) => {
      const store = await make().open();
      await expect((async () => store.collection({ ...things, name }))()).rejects.toThrow('cannot be a kind’s name');
      await store.close();
    });
  });
}

/** Ids in the order of letters, unless another order is asked for. */
async function idsOf<T extends Document>(
  collection: Collection<T>,
  filter: Filter<T>,
  options?: FindOptions<T>,
): Promise<string[]> {
  const ids = (await collection.find(filter, options)).map(({ id }) => id);
  return options?.sort ? ids : ids.sort();
}

/** With a collection that takes any field. */
const withAny = async (make: () => StoreUnderTest, act: (collection: Collection<Document>) => Promise<void>) => {
  const store = await make().open();
  try {
    await act(await store.collection({ name: 'anything', schema: bare, indexes: ['v' as never] }));
  } finally {
    await store.close();
  }
};

async function within(
  make: () => StoreUnderTest,
  act: (collection: Collection<Thing>) => Promise<void>,
): Promise<void> {
  const store = await make().open();
  try {
    await act(await store.collection(things));
  } finally {
    await store.close();
  }
}
