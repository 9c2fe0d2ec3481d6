import { expect, onTestFinished, test } from 'vitest';
import { StorageError } from '../../../../appliance/store/errors.ts';
import { ChunkBodies } from '../../../../appliance/store/postgres/chunk-bodies.ts';
import type { Query, Row } from '../../../../appliance/store/postgres/database.ts';
import { openOn, postgresPlace } from '../../../helpers/history-place-postgres.ts';
import { usePostgres } from '../../../helpers/postgres.ts';
import { chunk, each, key, using } from '../engine-samples.ts';

const server = usePostgres({ settings: { fsync: 'off' } });

/** Four chunks of a partition, how they are read, and the keys of each statement. */
async function stored() {
  const address = await server.database();
  const place = postgresPlace(server, Promise.resolve(address));
  const hosts = ['a', 'b', 'c', 'd'];
  await using(place, ({ chunks }) => chunks.write(key(1), each(hosts.map((host) => chunk(host)))));
  const database = await openOn(address);
  onTestFinished(() => database.close());
  const statements: unknown[] = [];
  const read: Query = async <R extends Row>(text: string, values: readonly unknown[] = []) => {
    statements.push(values[1]);
    return database.read<R>(text, values);
  };
  return { read, statements, id: 'raw/2h/2025-11-21T12+2h.1' };
}

/** The host of a chunk, which stands in the beginning of its body. */
const hostOf = (found: { body: Buffer } | undefined) => found && /"h":"(\w)"/.exec(found.body.toString('latin1'))?.[1];

test('what is asked for at the same time comes with one answer, each to whom asked, and what is not there is not', async () => {
  const { read, statements, id } = await stored();
  const bodies = new ChunkBodies(read);
  const asked = [3, 0, 7, 0].map((number) => bodies.fetch(id, number));
  expect((await Promise.all(asked)).map(hostOf)).toEqual(['d', 'a', undefined, 'a']);
  expect(hostOf(await bodies.fetch(id, 2))).toBe('c');
  expect(statements).toEqual([[3, 0, 7, 0], [2]]);
});

test('a page that is damaged costs only what lies on it', async () => {
  const { read, id } = await stored();
  const damaged: Query = async (text, values = []) => {
    const page = Object.assign(new Error('invalid page in block 7'), { code: 'XX001' });
    if ((values[1] as number[]).includes(1)) throw new StorageError('The database did not do it', page);
    return read(text, values);
  };
  const bodies = new ChunkBodies(damaged);
  const found = await Promise.all([0, 1, 2, 3].map((number) => bodies.fetch(id, number)));
  expect(found.map(hostOf)).toEqual(['a', undefined, 'c', 'd']);
});

test('when the server does not answer, everybody who asked hears of it', async () => {
  const bodies = new ChunkBodies(async () => {
    throw new StorageError('The database cannot be reached', new Error('cut'));
  });
  const asked = await Promise.allSettled([bodies.fetch('p', 1), bodies.fetch('p', 2)]);
  expect(asked).toEqual([1, 2].map(() => ({ status: 'rejected', reason: expect.any(StorageError) })));
});
