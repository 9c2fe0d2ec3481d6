import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { INTERVAL_MS } from '../protocol/limits.ts';
import { isLogLevel, type LogLevel } from './log.ts';

/** Everything that can be said at the start. */
export interface AgentOptions {
  command:
    | 'run'
    | 'print'
    | 'doctor'
    | 'status'
    | 'confirm'
    | 'pair'
    | 'unpair'
    | 'ceiling'
    | 'self-test'
    | 'help'
    | 'version';
  /** Those that a person confirms. */
  digits?: string;
  /** What stands behind `ceiling`. */
  words?: readonly string[];
  /** Pairing token; `-` stands for the first line of standard input. */
  token?: string;
  /** Address of the appliance, instead of looking for it. */
  hub?: string;
  /** Interval that this machine insists on; else the appliance decides. */
  intervalMs?: number;
  stateDir: string;
  /** Room for frames on disk; 0 = none. Absent: the default. */
  spoolBytes?: number;
  /** The agent's own file, which need not be there. */
  ownFile: string;
  name?: string;
  machineId?: string;
  /** How long a new version may take to reach the appliance. */
  trialMs: number;
  logLevel: LogLevel;
  mdns: boolean;
  /** Started by a parent that holds standard input open: its end is the parent's. */
  isChild: boolean;
}

/** A reason not to start that a person can mend. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  readonly code = 'option';
}

/** On Windows everybody may make folders in the root of a drive: it stands where only administrators write. */
const OWN_FILE =
  process.platform === 'win32'
    ? join(process.env.ProgramFiles ?? 'C:\\Program Files', 'Reeve', 'agent.json')
    : '/etc/reeve/agent.json';

export const HELP = `Usage: reeve-agent [options]            watch this machine and tell its appliance
       reeve-agent doctor               what can be read, whether the appliance is reached, and why not
       reeve-agent status               whether it is paired, and if not, the six digits for the dashboard
       reeve-agent confirm [digits]     let the appliance in whose dashboard says that the digits are right
       reeve-agent pair                 pair with the token of REEVE_TOKEN, and end
       reeve-agent unpair               tell the appliance goodbye and forget it
       reeve-agent ceiling              what the appliance may ever ask this machine to do
       reeve-agent ceiling allow A=B …  let it ask for this and nothing else (as root; the agent follows within half a minute)
       reeve-agent ceiling read-only    let it ask for nothing

  --token T       pair with this one-time token; - reads it from standard input (REEVE_TOKEN)
  --hub URL       address of the appliance, if it is not found by itself (REEVE_HUB)
  --interval 5s   how often to read, 1s to 5m, instead of what the appliance says (REEVE_INTERVAL)
  --state DIR     where the identity is kept (REEVE_AGENT_STATE)
  --spool 64MB    room on disk for what the appliance could not take yet; 0 = memory only (REEVE_AGENT_SPOOL)
  --config FILE   settings of this machine's own (REEVE_AGENT_CONFIG, else ${OWN_FILE})
  --name NAME     name to pair under, instead of the host's (REEVE_NAME)
  --stdout        show what is read, and tell nobody
  --version, --help

Also: REEVE_LOG_LEVEL (debug, info, warn, error, silent), REEVE_MDNS=off, REEVE_MACHINE_ID, REEVE_AGENT_TRIAL (2m).
`;

const FLAGS = {
  token: { type: 'string' },
  hub: { type: 'string' },
  interval: { type: 'string' },
  state: { type: 'string' },
  spool: { type: 'string' },
  config: { type: 'string' },
  name: { type: 'string' },
  stdout: { type: 'boolean' },
  child: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Options from flags and environment, flags first; throws `OptionError` that names what is wrong and the cure. */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): AgentOptions {
  const { values, positionals } = parsed(argv);
  const pick = (flag: string | undefined, variable: string) => (flag ?? env[variable]) || undefined;
  const [token, hub, name] = [
    pick(values.token, 'REEVE_TOKEN'),
    pick(values.hub, 'REEVE_HUB'),
    pick(values.name, 'REEVE_NAME'),
  ];
  const interval = pick(values.interval, 'REEVE_INTERVAL');
  const spool = pick(values.spool, 'REEVE_AGENT_SPOOL');
  const machineId = env.REEVE_MACHINE_ID;
  const digits = digitsOf(positionals);
  return {
    command: commandOf(values, positionals),
    ...(digits !== undefined && { digits }),
    ...(positionals[0] === 'ceiling' && { words: positionals.slice(1) }),
    stateDir: resolve(pick(values.state, 'REEVE_AGENT_STATE') ?? defaultState()),
    ownFile: resolve(pick(values.config, 'REEVE_AGENT_CONFIG') ?? OWN_FILE),
    trialMs: readInterval(env.REEVE_AGENT_TRIAL || '2m', 'The time for a trial (REEVE_AGENT_TRIAL)'),
    logLevel: readLogLevel(env.REEVE_LOG_LEVEL || 'info'),
    mdns: readSwitch('REEVE_MDNS', env.REEVE_MDNS || 'on'),
    isChild: values.child ?? false,
    ...(token !== undefined && { token: token.trim() }),
    ...(hub !== undefined && { hub: readHub(hub) }),
    ...(interval !== undefined && { intervalMs: readInterval(interval) }),
    ...(spool !== undefined && { spoolBytes: readSpool(spool) }),
    ...(name !== undefined && { name }),
    ...(machineId && { machineId }),
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    throw new OptionError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

function commandOf(
  values: { help?: boolean; version?: boolean; stdout?: boolean },
  [command, ...rest]: readonly string[],
): AgentOptions['command'] {
  if (values.help) return 'help';
  if (values.version) return 'version';
  if (command === 'confirm' || command === 'ceiling') return command;
  if (rest.length > 0) throw new OptionError(`One command at a time; this is too much: ${rest.join(' ')}`);
  if (command === 'doctor' || command === 'status' || command === 'pair' || command === 'unpair') return command;
  if (command === 'self-test') return command;
  if (command !== undefined)
    throw new OptionError(
      `There is no command ${command}. There are doctor, status, confirm, pair, unpair and ceiling.`,
    );
  return values.stdout ? 'print' : 'run';
}

/** The digits behind `confirm`, also where they were typed in two groups. */
function digitsOf([command, ...rest]: readonly string[]): string | undefined {
  if (command !== 'confirm' || rest.length === 0) return undefined;
  const digits = rest.join('').replace(/[\s-]/g, '');
  if (/^[0-9]{6}$/.test(digits)) return digits;
  throw new OptionError(`${rest.join(' ')} is not six digits: say them as reeve-agent status shows them.`);
}

/** A service's state belongs to the machine, a person's to the person. */
function defaultState(): string {
  if (process.platform === 'win32') return join(process.env.ProgramData ?? homedir(), 'Reeve', 'agent');
  return process.geteuid?.() === 0 ? '/var/lib/reeve-agent' : join(homedir(), '.local/state/reeve-agent');
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 };

/** A span such as `5s` or `1m` in ms; throws `OptionError` with what is named. */
export function readInterval(text: string, name = 'The interval (--interval, REEVE_INTERVAL)'): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?) ?(ms|s|m)?$/.exec(text.trim()) ?? [];
  const ms = Math.round(Number(number) * (UNITS[unit] ?? Number.NaN));
  if (ms >= INTERVAL_MS.least && ms <= INTERVAL_MS.most) return ms;
  throw new OptionError(`${name} is ${text}; say 1s to 5m, as 5s or 1m.`);
}

const SIZES: Record<string, number> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };
const SPOOL_LIMITS = { least: 1024 ** 2, most: 16 * 1024 ** 3 } as const;

function readSpool(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMG]B)?$/.exec(text.trim().toUpperCase()) ?? [];
  const bytes = Math.round(Number(number) * (SIZES[unit] ?? 1));
  if (bytes === 0 || (bytes >= SPOOL_LIMITS.least && bytes <= SPOOL_LIMITS.most)) return bytes;
  throw new OptionError(`The spool (--spool, REEVE_AGENT_SPOOL) is ${text}; say 1MB to 16GB, as 64MB, or 0 for none.`);
}

function readHub(text: string): string {
  try {
    const url = new URL(text.includes('://') ? text : `https://${text}`);
    if (url.protocol !== 'https:') throw new Error(url.protocol);
    return url.origin;
  } catch {
    throw new OptionError(`The appliance's address (--hub, REEVE_HUB) is ${text}; say it as https://192.168.1.5:8443.`);
  }
}

function readSwitch(name: string, text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new OptionError(`${name} is ${text}; say on or off.`);
}

function readLogLevel(text: string): LogLevel {
  if (text === 'trace') return 'debug';
  if (text === 'fatal') return 'error';
  if (isLogLevel(text)) return text;
  throw new OptionError(`REEVE_LOG_LEVEL is ${text}; say debug, info, warn, error or silent.`);
}
