import { request } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CONSOLE_FILE, type ConsoleFacts, consoleFacts } from '../../console-file.ts';
import { readBounded, SystemFiles } from '../../system-files.ts';
import { UsageError } from '../words.ts';
import { type Shown, type Size, screenLines } from './screen.ts';

export const CONSOLE_HELP = `The screen of the appliance's own machine:

  reeve console    its addresses, how it fares, and until there is an owner the set-up link; until it is stopped

  --once       writes it once
`;

export interface ConsoleWish {
  once: boolean;
}

/** The command `console`; undefined for any other. Fails with `UsageError`. */
export function readConsoleCommand(argv: readonly string[]): ConsoleWish | undefined {
  if (argv[0] !== 'console') return undefined;
  try {
    const { values } = parseArgs({ args: argv.slice(1), options: { once: { type: 'boolean' } }, strict: true });
    return { once: values.once === true };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${CONSOLE_HELP}`);
  }
}

export interface Terminal {
  write(text: string): void;
  /** Zero or undefined where it does not know, as over a serial line. */
  columns?: number | undefined;
  rows?: number | undefined;
}

export interface ConsoleParts {
  wish: ConsoleWish;
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
  signal: AbortSignal;
  /** Between two looks. */
  everyMs?: number;
}

const LOOK_MS = 2_000;
/** Whether the appliance answers is asked each so many looks. */
const ASK_EACH = 5;
const ASK_LIMIT_MS = 5_000;
const MOST_BYTES = 64 * 1024;
const HOME = '\u001b[H';
const CLEAR = '\u001b[2J';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';
const WITHOUT_CURSOR = '\u001b[?25l';

/** Shows the screen until the signal; draws only when something has changed. Resolves with the exit code. */
export async function runConsole({ wish, env, terminal, signal, everyMs = LOOK_MS }: ConsoleParts): Promise<number> {
  const look = openLook(env);
  let drawn = '';
  for (let n = 0; !signal.aborted; n++) {
    const lines = screenLines(await look(n), sizeOf(terminal, env));
    const text = lines.join('\n');
    if (wish.once) {
      terminal.write(`${text}\n`);
      return 0;
    }
    if (text !== drawn) terminal.write(paintOf(lines, drawn === ''));
    drawn = text;
    await pause(everyMs, signal);
  }
  return 0;
}

/** A serial line moves the cursor back for each new line by itself only sometimes. */
const paintOf = (lines: readonly string[], isFirst: boolean): string =>
  `${isFirst ? CLEAR : ''}${WITHOUT_CURSOR}${HOME}${lines.map((line) => `${line}${REST_OF_LINE}`).join('\r\n')}${REST_OF_SCREEN}`;

const sizeOf = ({ columns, rows }: Terminal, env: NodeJS.ProcessEnv): Size => ({
  columns: columns || Number(env.COLUMNS) || 80,
  rows: rows || Number(env.LINES) || 25,
});

function openLook(env: NodeJS.ProcessEnv): (n: number) => Promise<Shown> {
  const files = new SystemFiles(env.REEVE_SYSTEM_RUN || '/run/reeve-system');
  const file = path.join(env.RUNTIME_DIRECTORY || '/run/reeve', CONSOLE_FILE);
  let answers = true;
  return async (n) => {
    const [facts, image, update, network] = await Promise.all([
      readFacts(file),
      files.image(),
      files.update(),
      files.network(),
    ]);
    if (facts && (n % ASK_EACH === 0 || !answers)) answers = await isThere(facts.httpPort);
    return { facts, answers: facts === undefined || answers, image, update, network };
  };
}

async function readFacts(file: string): Promise<ConsoleFacts | undefined> {
  const text = await readBounded(file, MOST_BYTES);
  try {
    return text === undefined ? undefined : consoleFacts.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether `/health` answers over loopback, with whatever. */
function isThere(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request(
      { host: '127.0.0.1', port, path: '/health', timeout: ASK_LIMIT_MS, agent: false },
      (answer) => {
        answer.resume();
        resolve(true);
      },
    );
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.on('close', () => resolve(false));
    asking.end();
  });
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
