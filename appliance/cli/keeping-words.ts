import { parseArgs } from 'node:util';
import { UsageError } from './words.ts';

export const KEEPING_HELP = `Backup, keys and jobs:

  reeve backup FILE     makes a backup of the data of an appliance that does not run
  reeve restore FILE    puts a backup in place of it; what was there is kept as before-restore-TIME
  reeve rotate-key      replaces the master key (REEVE_NEW_KEY: by this one, where REEVE_KEY is used)
  reeve run JOB         runs a job of an appliance that runs, and waits for its end

  --data DIR               its data folder; REEVE_DATA, or ./data
  --passphrase-file FILE   holds the passphrase of the backup; "-" is standard input. Or REEVE_BACKUP_PASSPHRASE.
  REEVE_API_KEY            for "run": an API key of an owner; REEVE_URL where the appliance is not this machine's
`;

export type KeepingCommand =
  | { do: 'backup' | 'restore'; data: string; file: string; passphraseFile?: string }
  | { do: 'rotate-key'; data: string }
  | { do: 'run'; data: string; job: string };

const COMMANDS = ['backup', 'restore', 'rotate-key', 'run'];
const options = { data: { type: 'string' }, 'passphrase-file': { type: 'string' } } as const;

/** A command about backups, keys or jobs; undefined for any other. Fails with `UsageError`. */
export function readKeepingCommand(argv: readonly string[], env: NodeJS.ProcessEnv): KeepingCommand | undefined {
  if (!argv.some((word) => COMMANDS.includes(word)) || argv[0] === 'history') return undefined;
  const { values, positionals } = parse(argv);
  const [verb, what, ...rest] = positionals;
  const data = values.data ?? (env.REEVE_DATA || './data');
  if (rest.length > 0) throw new UsageError(`There is a word too many\n\n${KEEPING_HELP}`);
  if (verb === 'rotate-key') {
    if (what) throw new UsageError(`There is a word too many\n\n${KEEPING_HELP}`);
    return { do: 'rotate-key', data };
  }
  if (!what) throw new UsageError(`Say which ${verb === 'run' ? 'job' : 'file'}\n\n${KEEPING_HELP}`);
  if (verb === 'run') return { do: 'run', data, job: what };
  if (verb !== 'backup' && verb !== 'restore') return undefined;
  const passphraseFile = values['passphrase-file'];
  return { do: verb, data, file: what, ...(passphraseFile !== undefined && { passphraseFile }) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${KEEPING_HELP}`);
  }
}
