import { isIP } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { StartError } from './start-error.ts';
import { AddressError, parseAddress, type StoreAddress, withoutAddresses } from './store/postgres/address.ts';
import type { Unzstd } from './unzstd.ts';

const port = z.coerce
  .number('a port is a whole number from 0 to 65535')
  .int('a port is a whole number')
  .min(0, 'a port is at least 0')
  .max(65_535, 'a port is at most 65535');
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const onOff = z.enum(['on', 'off'], 'say on or off').transform((word) => word === 'on');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
const folder = (usual: string) =>
  z
    .string()
    .default(usual)
    .transform((dir) => path.resolve(dir));
const hostName = z
  .string()
  .regex(
    /^[a-z0-9._-]{1,253}$|^[0-9a-f:]+$/i,
    'names or addresses alone, as reeve.example,10.0.0.5: no https://, no port',
  );
/** What express takes: addresses, networks, and its own words for kinds of networks. */
const proxy = z
  .string()
  .refine(
    (text) => ['loopback', 'linklocal', 'uniquelocal'].includes(text) || isNetwork(text),
    'addresses or networks of your proxies, as 10.0.0.2,10.1.0.0/16',
  );

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

function addressOf(text: string, context: z.RefinementCtx): StoreAddress {
  try {
    return parseAddress(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
}

/** Everything that can be said at the start: `REEVE_HTTP_PORT` in the environment is `--http-port` as a flag, which wins. */
const startSchema = z.object({
  data: z
    .string()
    .min(1, 'name a folder')
    .default('./data')
    .transform((dir) => path.resolve(dir)),
  httpPort: port.default(8080),
  httpsPort: port.default(8443),
  logLevel: z.enum(LEVELS, `say ${LEVELS.join(', ')}`).default('info'),
  url: z.url({ protocol: /^https?$/, error: 'a full address such as http://reeve.lan' }).optional(),
  hosts: list.pipe(z.array(hostName)).default([]),
  trustProxy: list.pipe(z.array(proxy)).default([]),
  key: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, '32 bytes in hex (openssl rand -hex 32)')
    .optional(),
  logFile: z
    .string()
    .transform((file) => path.resolve(file))
    .optional(),
  mdns: onOff.default(true),
  systemRun: folder('/run/reeve-system'),
  systemOrders: folder('/var/lib/reeve-system'),
  selfAgent: onOff.default(true),
  /** The PostgreSQL database with documents and history; without it they are files of `data`. */
  store: z.string().transform(addressOf).optional(),
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
  if (result.success) return withPassword(result.data, env.REEVE_STORE_PASSWORD);
  const problems = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${variableOf(name)} (--${flagOf(name)}): ${issue.message}`;
  });
  throw new StartError(problems.join('\n'));
}

/** Given by itself it wins over the one in the address. */
function withPassword(options: StartOptions, password: string | undefined): StartOptions {
  if (!options.store || !password) return options;
  return { ...options, store: { ...options.store, password: () => password } };
}

function parseFlags(
  argv: readonly string[],
  options: Record<string, { type: 'string' }>,
): Record<string, string | undefined> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const said = error instanceof Error ? error.message : String(error);
    throw new StartError(`${withoutAddresses(said)}\nKnown: ${known.join(' ')}`);
  }
}

export interface ApplianceOptions extends StartOptions {
  /** Folder of the build, with `web/` and `agent/`. */
  distDir: string;
  isTerminal: boolean;
  /** Says that it is to stop, to a start that waits for something. */
  stopping?: AbortSignal;
  /** Where people read: the set-up link goes there and nowhere else. */
  print(text: string): void;
  /** Folder in memory that systemd gave the service; what the screen of the machine shows lies there. */
  runDir?: string;
  /** File with the half of the key that checks updates and executables of the agent; absent: that of the image. */
  updateKey?: string;
  /** How packed executables of the agent are unpacked: tests do it at once, and on a Node that has no zstd. */
  unpack?: { afterMs?: number; node?: string; unzstd?: Unzstd };
}
