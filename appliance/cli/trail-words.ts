import { parseArgs } from 'node:util';
import { UsageError } from './words.ts';

export const TRAIL_HELP = `The audit trail, on the data of an appliance that does not run:

  reeve verify-audit    checks every entry; 0 when nothing was changed and nothing is missing, else 1

  --data DIR   its data folder; REEVE_DATA, or ./data. A running appliance answers GET /api/v1/audit-trail/verify.
`;

/** The data folder, where the command is `verify-audit`; undefined for any other. Fails with `UsageError`. */
export function readTrailCommand(argv: readonly string[], env: NodeJS.ProcessEnv): { data: string } | undefined {
  if (argv[0] !== 'verify-audit') return undefined;
  try {
    const { values } = parseArgs({ args: argv.slice(1), options: { data: { type: 'string' } }, strict: true });
    return { data: values.data ?? (env.REEVE_DATA || './data') };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${TRAIL_HELP}`);
  }
}
