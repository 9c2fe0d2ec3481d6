import { parseArgs } from 'node:util';
import { withoutAddresses } from '../store/postgres/address.ts';
import { UsageError } from './words.ts';

export const MIGRATE_HELP = `Where documents and history are, for an appliance that does not run:

  reeve migrate --to postgres://USER@HOST:5432/DATABASE   moves them into an empty PostgreSQL database
  reeve migrate --to files                                moves them into files of its data folder again

  --data DIR              its data folder; REEVE_DATA, or ./data
  REEVE_STORE             the database they are in, for "--to files"
  REEVE_STORE_PASSWORD    the password of the database, where its address has none

Everything is read back and compared. What was there before is kept: as before-postgres-TIME in the data folder, as the schema
reeve_before_files in the database.
`;

export interface MigrateCommand {
  data: string;
  to: string;
}

const options = { data: { type: 'string' }, to: { type: 'string' } } as const;

/** Where documents and history are to go, where the command is `migrate`; undefined for any other. Fails with `UsageError`. */
export function readMigrateCommand(argv: readonly string[], env: NodeJS.ProcessEnv): MigrateCommand | undefined {
  if (argv[0] !== 'migrate') return undefined;
  const { to, data } = parse(argv.slice(1));
  if (to !== 'files' && !/^postgres(?:ql)?:\/\//.test(to ?? ''))
    throw new UsageError(`Say where they are to go: --to files, or --to postgres://…\n\n${MIGRATE_HELP}`);
  return { to: to ?? '', data: data ?? (env.REEVE_DATA || './data') };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${withoutAddresses(said)}\n\n${MIGRATE_HELP}`);
  }
}
