import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Collection,
  ConflictError,
  type Document,
  type DocumentStore,
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
