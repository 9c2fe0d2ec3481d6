import { parseArgs } from 'node:util';
import { UsageError } from './words.ts';

export const USER_HELP = `Accounts, on the data of an appliance that does not run:

  reeve user list                 names, roles, second factors
  reeve user password NAME [-]    gives a new password, made and printed; with "-" it is the first line of standard input
  reeve user owner NAME           makes an account an owner of the appliance

  --data DIR            its data folder; REEVE_DATA, or ./data
  --no-second-factor    with "password": switches the second factor off too, for whoever lost their phone
`;

export type UserCommand =
  | { do: 'list'; data: string }
  | { do: 'owner'; data: string; name: string }
  | { do: 'password'; data: string; name: string; fromInput: boolean; withoutFactor: boolean };

const options = { data: { type: 'string' }, 'no-second-factor': { type: 'boolean' } } as const;

/** A command about accounts; undefined for any other. Fails with `UsageError`. */
export function readUserCommand(argv: readonly string[], env: NodeJS.ProcessEnv): UserCommand | undefined {
  if (argv[0] !== 'user') return undefined;
  const { values, positionals } = parse(argv);
  const [, verb, name, input, ...rest] = positionals;
  const data = values.data ?? (env.REEVE_DATA || './data');
  const withoutFactor = values['no-second-factor'] ?? false;
  const wrong = (why: string): UsageError => new UsageError(`${why}\n\n${USER_HELP}`);
  if (verb !== 'list' && verb !== 'password' && verb !== 'owner') throw wrong(`There is no command user ${verb ?? ''}`);
  if (withoutFactor && verb !== 'password') throw wrong('--no-second-factor belongs to "password"');
  const most = { list: 0, owner: 1, password: 2 }[verb];
  if (rest.length > 0 || [name, input].filter((each) => each !== undefined).length > most)
    throw wrong('There is a word too many');
  if (verb === 'list') return { do: 'list', data };
  if (!name) throw wrong('Say whose account: reeve user list has the names');
  if (verb === 'owner') return { do: 'owner', data, name };
  if (input !== undefined && input !== '-') throw wrong('Passwords are not written on the command line: use -');
  return { do: 'password', data, name, fromInput: input === '-', withoutFactor };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USER_HELP}`);
  }
}
