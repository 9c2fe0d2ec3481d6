import { createInterface } from 'node:readline';
import { outliveBrokenPipes } from './broken-pipe.ts';
import { collectors } from './collectors/index.ts';
import { openAgentLog } from './log.ts';
import { type AgentOptions, HELP, OptionError, readOptions } from './options.ts';
import { readOwnFile } from './own-file.ts';
import { OwnFileNews } from './own-file-news.ts';
import type { Role } from './update/role.ts';
import { VERSION } from './version.ts';
import { startWatchdog } from './watchdog.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong options. */
const EXIT = { failed: 1, options: 2 } as const;

const say = (text: string): void => void process.stdout.write(text);

/** How this process was started. */
interface Started {
  options: AgentOptions;
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  role: Role;
}

function fail(error: Error): void {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exit(EXIT.failed);
}

/** The agent as a command; ends the process with its exit code. */
export async function runAgent(argv: readonly string[], env: NodeJS.ProcessEnv, role: Role): Promise<void> {
  if (process.platform === 'win32') outliveBrokenPipes(fail);
  try {
    await runCommand({ options: readOptions(argv, env), argv, env, role });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof OptionError ? EXIT.options : EXIT.failed;
  }
}

async function runCommand(started: Started): Promise<void> {
  const { options } = started;
  switch (options.command) {
    case 'help':
      return say(HELP);
    case 'version':
      return say(`${VERSION}\n`);
    case 'doctor':
      return say(await (await import('./doctor.ts')).examine(options));
    case 'status':
      return say((await import('./status.ts')).status(options));
    case 'confirm':
      return say(await (await import('./confirm.ts')).confirm(options.stateDir, options.digits));
    case 'pair':
      return say(await (await import('./pair-only.ts')).pairOnly(await withToken(options)));
    case 'unpair':
      return say(await (await import('./unpair.ts')).unpair(options));
    case 'ceiling':
      return say((await import('./ceiling-file.ts')).ceilingCommand(options));
    case 'self-test':
      return say(await (await import('./update/self-test.ts')).selfTest(options));
    case 'print':
      return (await import('./print.ts')).print(options);
    case 'run':
      return run(started);
  }
}

/** Runs until a signal, or until the parent is gone. */
async function run(given: Started): Promise<void> {
  const options = await withToken(given.options);
  const log = openAgentLog(options.logLevel);
  const path = options.ownFile;
  const ownFile = new OwnFileNews({ path, read: () => readOwnFile(path, collectors), log });
  const endWatchdog = startWatchdog(process.env);
  const { isServed, Run } = await import('./run.ts');
  // In a terminal it is the word that the terminal was closed.
  if (isServed(given.env)) process.on('SIGHUP', () => ownFile.readAgain());
  const running = new Run({ ...given, options, ownFile, log });
  const end = (reason: string) => {
    log.info({ reason }, 'the agent ends');
    endWatchdog();
    // Whatever hangs must not keep a service manager waiting.
    setTimeout(() => process.exit(0), 2_000).unref();
    running.end().then(() => process.exit(0));
  };
  // Before it says its first word: whoever hears that may end it at once.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(signal));
  if (options.isChild) process.stdin.resume().once('end', () => end('the parent is gone'));
  const code = await running.run().catch((error: Error) => {
    log.error({ reason: error.message }, 'the agent cannot go on');
    return EXIT.failed;
  });
  process.exit(code);
}

async function withToken(options: AgentOptions): Promise<AgentOptions> {
  return options.token === '-' ? { ...options, token: await firstLine() } : options;
}

/** The first line of standard input; the rest stays unread, and the input open. */
function firstLine(): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: process.stdin });
    lines.once('line', (line) => {
      resolve(line.trim());
      lines.close();
      process.stdin.unref?.();
    });
    lines.once('close', () => reject(new OptionError('No token came on standard input (--token -).')));
  });
}
