import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StorageError } from '../../../../appliance/store/errors.ts';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import { openPostgresDocuments } from '../../../../appliance/store/postgres/documents.ts';
import { makeDirectory, openToOthers } from '../../../helpers/directories.ts';
import { makeDevice, whyNoDevice } from '../../../helpers/ext4.ts';
import { type PostgresServer, startPostgres } from '../../../helpers/postgres.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { until } from '../../../helpers/until.ts';
import { thing, things } from '../documents-contract.ts';

const obstacle = whyNoDevice();

/** A server on a disk of its own, of which `fill` leaves nothing and `free` gives back what was taken. */
async function serverOnDisk(): Promise<{ server: PostgresServer; fill(): void; free(): void }> {
  const folder = makeDirectory();
  openToOthers(folder);
  const device = makeDevice(folder, 192);
  const server = await startPostgres({ disk: device.dir });
  const filler = join(device.dir, 'filler');
  onTestFinished(async () => {
    await server.close();
    device.remove();
  });
  return {
    server,
    // Root may use the blocks that a file system keeps back for it, too.
    fill: () => void execFileSync('sh', ['-c', 'cat /dev/zero > "$0" 2> /dev/null || true', filler]),
    free: () => rmSync(filler),
  };
}

test.skipIf(obstacle !== undefined)(
  `documents on a server whose disk is full${obstacle ? ` (left out: ${obstacle})` : ''}: what was acknowledged is there, writes fail in words, and go on when there is room`,
  async () => {
    const { server, fill, free } = await serverOnDisk();
    const address = parseAddress(await server.database());
    const database = await openDatabase({ address, log: keepingLog() });
    onTestFinished(() => database.close());
    const collection = await openPostgresDocuments({ database, log: keepingLog() }).collection(things);
    const body = { 'a label': 'of some length '.repeat(2_000) };
    const acknowledged: string[] = [];
    const insert = async (n: number): Promise<unknown> => {
      const id = `id-${n}`;
      // Letters that change cannot be packed to nothing.
      const labels = {
        ...body,
        odd: Array.from({ length: 4_000 }, (_, at) => String.fromCodePoint(0x100 + ((at * n * 7_919) % 9_000))).join(
          '',
        ),
      };
      return collection.insert(thing(id, { labels })).then(
        () => void acknowledged.push(id),
        (error: unknown) => error,
      );
    };
    for (let n = 1; n <= 5; n++) await insert(n);
    fill();
    let refused: unknown;
    for (let n = 6; n < 20_000 && refused === undefined; n++) refused = await insert(n);
    expect(refused).toBeInstanceOf(StorageError);
    expect(String(refused)).toMatch(
      /the disk of the database server is full|the connection was cut|the server (?:crashed|was stopped)/,
    );
    free();
    // Without room for its journal PostgreSQL ends itself; whoever looks after it starts it again.
    await server.start();
    await until(() => collection.insert(thing('after')), { what: 'there is room again', timeoutMs: 60_000 });
    const found = new Set((await collection.find()).map(({ id }) => id));
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  },
  120_000,
);
