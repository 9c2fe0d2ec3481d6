import { parseArgs } from 'node:util';
import { UsageError } from './words.ts';

export const HOSTS_HELP = `Hosts that are reached over SSH, on an appliance that runs:

  reeve hosts setup     tries each: reachable, host key accepted, which rights, whether it can be audited; 0 when all can

  --data DIR      its data folder; REEVE_DATA, or ./data. REEVE_URL where the appliance is not this machine's
  REEVE_API_KEY   an API key of an operator of the site
`;

/** The data folder, where the command is `hosts setup`; undefined for any other subject. Fails with `UsageError`. */
export function readHostsCommand(argv: readonly string[], env: NodeJS.ProcessEnv): { data: string } | undefined {
  if (argv[0] !== 'hosts') return undefined;
  try {
    const options = { data: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args: argv.slice(1), options, allowPositionals: true, strict: true });
    if (positionals.join(' ') !== 'setup')
      throw new Error(`There is no command ${['hosts', ...positionals].join(' ')}`);
    return { data: values.data ?? (env.REEVE_DATA || './data') };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${HOSTS_HELP}`);
  }
}
