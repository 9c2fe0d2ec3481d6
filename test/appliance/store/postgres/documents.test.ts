import { onTestFinished } from 'vitest';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import { openPostgresDocuments } from '../../../../appliance/store/postgres/documents.ts';
import { usePostgres } from '../../../helpers/postgres.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { documentsContract } from '../documents-contract.ts';

const server = usePostgres();

documentsContract('PostgreSQL', () => {
  const address = server.database();
  return {
    open: async () => {
      const database = await openDatabase({ address: parseAddress(await address), log: keepingLog(), patienceMs: 0 });
      onTestFinished(() => database.close());
      const documents = openPostgresDocuments({ database, log: keepingLog() });
      return {
        ...documents,
        close: async () => {
          await documents.close();
          await database.close();
        },
      };
    },
  };
});
