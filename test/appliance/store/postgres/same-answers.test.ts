import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Collection, Document, Filter, FindOptions, Kind } from '../../../../appliance/store/documents.ts';
import { openDocumentStore } from '../../../../appliance/store/nedb/documents.ts';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import { openPostgresDocuments } from '../../../../appliance/store/postgres/documents.ts';
import { usePostgres } from '../../../helpers/postgres.ts';
import { seeded } from '../../../helpers/seeded.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const server = usePostgres();
const FIELDS = ['id', 'rev', 'a', 'b', 'c'] as const;
const TEXTS = [
  '',
  ' ',
  '0',
  '1',
  '10',
  'A',
  'Z',
  'a',
  'b',
  'ä',
  'z',
  'ß',
  'İ',
  '\u0000',
  '\u0001',
  '\u0001z',
  "'",
  '\\',
  '%',
  '\uffff',
];
const VALUES = [null, true, false, 0, 1, -1, 1.5, 10, 1e21, -1e-9, ...TEXTS, ...TEXTS.map((text) => `a${text}`)];
const SEED = Number(process.env.REEVE_TEST_SEED ?? 20_261_122);

interface Odd extends Document {
  a?: unknown;
  b?: unknown;
  c?: unknown;
}
const stored = { id: z.string(), siteId: z.string(), rev: z.number() };
const kind = { name: 'odd', schema: z.looseObject(stored), indexes: ['a', 'siteId'] } as unknown as Kind<Odd>;

test(`files and PostgreSQL answer 600 questions about 120 documents alike (REEVE_TEST_SEED=${SEED})`, async () => {
  const random = seeded(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const database = await openDatabase({ address: parseAddress(await server.database()), log: keepingLog() });
  onTestFinished(() => database.close());
  const files = await openDocumentStore({ dir: temporaryDirectory(), log: keepingLog() });
  onTestFinished(() => files.close());
  const both = await Promise.all([
    files.collection(kind),
    openPostgresDocuments({ database, log: keepingLog() }).collection(kind),
  ]);

  const ids = Array.from({ length: 120 }, (_, n) => `${pick(TEXTS)}${n}`);
  const some = (): Partial<Odd> =>
    Object.fromEntries((['a', 'b', 'c'] as const).filter(() => random() < 0.8).map((field) => [field, pick(VALUES)]));
  for (const id of ids) {
    const document = { id, siteId: pick(['home', 'work']), ...some() };
    for (const each of both) await each.insert(document);
  }
  for (const id of ids.filter(() => random() < 0.3)) {
    const document = { id, siteId: 'home', ...some() };
    expect(await both[0].update(document)).toEqual(await both[1].update(document));
  }
  const condition = (field: string): unknown => {
    const value = () =>
      field === 'id' && random() < 0.8 ? pick(ids) : field === 'rev' && random() < 0.8 ? pick([1, 2]) : pick(VALUES);
    const kinds = [
      value,
      () => ({ in: Array.from({ length: Math.floor(random() * 6) }, value) }),
      () => ({ gte: value() }),
      () => ({ lt: value() }),
      () => ({ gte: value(), lt: value() }),
    ];
    return pick(kinds)();
  };
  for (let n = 0; n < 600; n++) {
    const filter = Object.fromEntries(
      FIELDS.filter(() => random() < 0.35).map((field) => [field, condition(field)]),
    ) as Filter<Odd>;
    const sort = { by: pick(FIELDS), order: pick(['up', 'down'] as const) };
    const options: FindOptions<Odd> = { sort, ...(random() < 0.5 && { limit: Math.floor(random() * 20) }) };
    const [inFiles, inDatabase] = await Promise.all(both.map((each: Collection<Odd>) => each.find(filter, options)));
    expect({ filter, options, found: inDatabase }).toEqual({ filter, options, found: inFiles });
  }
});
