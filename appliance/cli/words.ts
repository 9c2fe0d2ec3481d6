import { parseArgs } from 'node:util';

/** The command line does not say what to do; the message names the cure. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Commands for the data of an appliance that does not run:

  reeve history export [--from TIME] [--to TIME] [--hosts NAME,NAME] FILE   FILE "-" is standard output
  reeve history import [--map OLD=NEW] FILE                                 FILE "-" is standard input
  reeve history verify

  --data DIR   its data folder; REEVE_DATA, or ./data
  TIME         as 2026-11-21 or 2026-11-21T14:30:00Z
  --hosts      names or ids of hosts; all where it is left out
  --map        rows of one host go to another, by name or id; may be given several times
`;

export type Command =
  | { do: 'help' }
  | { do: 'export'; data: string; file: string; from?: number; to?: number; hosts?: string[] }
  | { do: 'import'; data: string; file: string; map: ReadonlyMap<string, string> }
  | { do: 'verify'; data: string };

const options = {
  data: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  hosts: { type: 'string' },
  map: { type: 'string', multiple: true },
  help: { type: 'boolean' },
} as const;

/** What a command line asks for. Fails with `UsageError`. */
export function readCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Command {
  const { values, positionals } = parse(argv);
  const [subject, verb, file, ...rest] = positionals;
  if (values.help || subject === undefined || subject === 'help') return { do: 'help' };
  if (subject !== 'history' || !['export', 'import', 'verify'].includes(verb ?? ''))
    throw new UsageError(`There is no command ${[subject, verb].filter(Boolean).join(' ')}\n\n${HELP}`);
  const data = values.data ?? (env.REEVE_DATA || './data');
  if (rest.length > 0 || (verb === 'verify' && file)) throw new UsageError(`There is a word too many\n\n${HELP}`);
  if (verb === 'verify') return { do: 'verify', data };
  if (!file) throw new UsageError(`Say which file; - is standard ${verb === 'export' ? 'output' : 'input'}\n\n${HELP}`);
  if (verb === 'import') return { do: 'import', data, file, map: new Map((values.map ?? []).map(pairOf)) };
  return {
    do: 'export',
    data,
    file,
    ...(values.from !== undefined && { from: timeOf('--from', values.from) }),
    ...(values.to !== undefined && { to: timeOf('--to', values.to) }),
    ...(values.hosts !== undefined && { hosts: values.hosts.split(',').map((each) => each.trim()) }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

function timeOf(flag: string, text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`${flag}: write a time as 2026-11-21 or 2026-11-21T14:30:00Z, not ${text}`);
  return at;
}

function pairOf(text: string): [string, string] {
  const [from, to, ...rest] = text.split('=');
  if (!from || !to || rest.length > 0) throw new UsageError(`--map: write OLD=NEW, not ${text}`);
  return [from, to];
}
