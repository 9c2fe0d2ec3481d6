import { openDataDirectory } from '../../../../appliance/store/directory.ts';
import { leaveStores, openStores } from '../../../../appliance/store/open.ts';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Moves the data of a directory `in` to a database, or `out` of it. */
async function move([, , way, dir = '', url = '']: readonly string[]): Promise<void> {
  const options = { dir, address: parseAddress(url), log: silent };
  const lock = await openDataDirectory(options);
  if (way === 'in') await (await openStores(options)).close();
  else await leaveStores(options);
  await lock.release();
}

void move(process.argv);
