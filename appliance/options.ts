import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const port = z.coerce.number().int('a port is a whole number').min(0).max(65_535, 'a port is at most 65535');
const onOff = z.enum(['on', 'off'], 'say on or off').transform((word) => word === 'on');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

/** Everything that can be said at the start: `REEVE_HTTP_PORT` in the environment is `--http-port` as a flag, which wins. */
const startSchema = z.object({
  data: z
    .string()
    .min(1)
    .default('./data')
    .transform((dir) => path.resolve(dir)),
  httpPort: port.default(8080),
  httpsPort: port.default(8443),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  url: z.url({ protocol: /^https?$/, error: 'a full address such as http://reeve.lan' }).optional(),
  hosts: list.default([]),
  trustProxy: list.default([]),
  key: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, '32 bytes in hex (openssl rand -hex 32)')
    .optional(),
  mdns: onOff.default(true),
  selfAgent: onOff.default(true),
});
export type StartOptions = z.output<typeof startSchema>;

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
const variableOf = (name: string): string => `REEVE_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;

/** Start options from flags and environment; an error names each wrong one with its cure. */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const names = Object.keys(startSchema.shape);
  const flags = Object.fromEntries(names.map((name) => [flagOf(name), { type: 'string' as const }]));
  const values = parseFlags(argv, flags);
  const given = names.flatMap((name) => {
    const value = values[flagOf(name)] ?? (env[variableOf(name)] || undefined);
    return value === undefined ? [] : [[name, value]];
  });
  const result = startSchema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${variableOf(name)} (--${flagOf(name)}): ${issue.message}`;
  });
  throw new StartError(problems.join('\n'));
}

function parseFlags(
  argv: readonly string[],
  options: Record<string, { type: 'string' }>,
): Record<string, string | undefined> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new StartError(`${error instanceof Error ? error.message : String(error)}\nKnown: ${known.join(' ')}`);
  }
}

/** A reason not to start that a person can mend; printed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
