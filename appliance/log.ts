import { type DestinationStream, type Logger, multistream, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

/** Fields that never reach the log, wherever they stand in an object of up to three levels. */
const SECRETS = [
  'password',
  'secret',
  'token',
  'setupCode',
  'authorization',
  'cookie',
  'jwt',
  'proof',
  'passphrase',
  'apiKey',
  'dataKey',
];
const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export interface LogOptions {
  level: string;
  /** True where a person reads: one short line instead of JSON. */
  isTerminal: boolean;
  destination?: DestinationStream;
  /** Where every line goes too, as JSON. */
  also?: readonly DestinationStream[];
}

/** The appliance's log: JSON lines with level, time and component; readable lines at a terminal; secrets masked. */
export function openLog({ level, isTerminal, destination, also = [] }: LogOptions): Logger {
  const stream =
    destination ??
    (isTerminal
      ? pretty({ ignore: 'pid,hostname,component', messageFormat: '{component}: {msg}', sync: true })
      : process.stdout);
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths, censor: '[masked]' },
  };
  const all = [stream, ...also].map((each) => ({ stream: each, level: 'trace' as const }));
  return pino(options, all.length > 1 ? multistream(all) : stream);
}
