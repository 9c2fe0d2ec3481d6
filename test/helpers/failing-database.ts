import { StorageError } from '../../appliance/store/errors.ts';
import type { Database, Query } from '../../appliance/store/postgres/database.ts';
import type { Failing } from './failing-disk.ts';

/** The way to a database, which loses statements (`torn`) or, worse, only the answers (`sync`). Reading always works. */
export class FailingWay implements Failing {
  mode: Failing['mode'] = 'works';
  syncs = 0;
  onWrite: Failing['onWrite'] = () => undefined;
  gate: Failing['gate'] = () => undefined;

  /** The database as it is seen over this way. */
  to(database: Database): Database {
    const write: Query = async <R extends Record<string, unknown>>(text: string, values: readonly unknown[] = []) => {
      this.gate();
      await this.onWrite(Buffer.from(`${text} ${values.filter((each) => !Buffer.isBuffer(each)).join(' ')}`));
      if (this.mode === 'torn') throw cut();
      const rows = await database.write<R>(text, values);
      this.syncs += 1;
      this.gate();
      if (this.mode === 'sync') throw cut();
      return rows;
    };
    return { ...database, write };
  }
}

const cut = (): StorageError =>
  new StorageError('The database cannot be reached', Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
