import { stat } from 'node:fs/promises';
import path from 'node:path';
import { CONSOLE_HELP, readConsoleCommand, runConsole } from './cli/console/console.ts';
import { exportTo, type HistoryHands, type HostNames, importFrom, type Outside, verify } from './cli/history.ts';
import { hostsSetup } from './cli/hosts-setup.ts';
import { HOSTS_HELP, readHostsCommand } from './cli/hosts-words.ts';
import { KEEPING_HELP, readKeepingCommand } from './cli/keeping-words.ts';
import { MIGRATE_HELP, readMigrateCommand } from './cli/migrate-words.ts';
import { readTrailCommand, TRAIL_HELP } from './cli/trail-words.ts';
import { readUserCommand, USER_HELP } from './cli/user-words.ts';
import { type Command, HELP, readCommand, UsageError } from './cli/words.ts';
import { openClock } from './clock.ts';
import { openHistory } from './history/open.ts';
import { hostRecords } from './hosts/documents.ts';
import { runKeeping, runningAppliance } from './reeve-keeping.ts';
import { runMigrate } from './reeve-migrate.ts';
import { openStoresOf } from './reeve-stores.ts';
import { verifyAudit } from './reeve-trail.ts';
import { runUsers } from './reeve-users.ts';
import { StartError } from './start-error.ts';
import { openDataDirectory } from './store/directory.ts';
import type { DocumentStore } from './store/documents.ts';
import { DataDirectoryError, StorageError } from './store/errors.ts';

/** Exit codes: 0 done, 1 failed or damaged, 2 the command line is wrong. */
const EXIT = { failed: 1, usage: 2 } as const;
/** While a command runs, nothing is sealed or dropped. */
const NEVER_MS = 2 ** 31 - 1;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const terminal: Outside = {
  stdin: process.stdin,
  stdout: process.stdout,
  say: (text) => void process.stderr.write(text),
};

/** The command `reeve`; answers with its exit code. */
export async function runReeve(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  outside: Outside = terminal,
): Promise<number> {
  try {
    const user = readUserCommand(argv, env);
    if (user) return await runUsers(user, env, outside);
    const audit = readTrailCommand(argv, env);
    if (audit) return await verifyAudit(audit.data, env, outside);
    const migrate = readMigrateCommand(argv, env);
    if (migrate) return await runMigrate(migrate, env, outside);
    const hosts = readHostsCommand(argv, env);
    if (hosts) return await hostsSetup(await runningAppliance(hosts.data, env, outside));
    const keeping = readKeepingCommand(argv, env);
    if (keeping) return await runKeeping(keeping, env, outside);
    const wish = readConsoleCommand(argv);
    if (wish) return await runConsole({ wish, env, terminal: process.stdout, signal: untilStopped() });
    const command = readCommand(argv, env);
    if (command.do !== 'help') return await run(command, env, outside);
    outside.stdout.write(
      [HELP, KEEPING_HELP, MIGRATE_HELP, USER_HELP, TRAIL_HELP, HOSTS_HELP, CONSOLE_HELP].join('\n'),
    );
    return 0;
  } catch (error) {
    outside.say(`${inWords(error)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

function untilStopped(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

type Work = Exclude<Command, { do: 'help' }>;

async function run(command: Work, env: NodeJS.ProcessEnv, outside: Outside): Promise<number> {
  const dir = path.resolve(command.data);
  const isThere = await stat(path.join(dir, 'format.json')).then(
    () => true,
    () => false,
  );
  if (!isThere && command.do !== 'import')
    throw new UsageError(`There is no data of an appliance in ${dir}: say where it is with --data or REEVE_DATA`);
  const lock = await openDataDirectory({ dir, log: silent });
  try {
    return await withHistory({ dir, env }, (history, names) => perform(command, history, { names, outside }));
  } finally {
    await lock.release();
  }
}

function perform(command: Work, history: HistoryHands, parts: { names: HostNames; outside: Outside }): Promise<number> {
  if (command.do === 'export') return exportTo(command, history, parts);
  if (command.do === 'import') return importFrom(command, history, parts);
  return verify(history, parts);
}

async function withHistory(
  { dir, env }: { dir: string; env: NodeJS.ProcessEnv },
  work: (history: HistoryHands, names: HostNames) => Promise<number>,
): Promise<number> {
  const { now } = await openClock(dir);
  const stores = await openStoresOf(dir, env);
  try {
    const names = await hostNames(stores.documents);
    const history = await openHistory({ engine: await stores.openHistory(), log: silent, now, tickMs: NEVER_MS });
    try {
      return await work(history.transfer, names);
    } finally {
      await history.close();
    }
  } finally {
    await stores.close();
  }
}

async function hostNames(documents: DocumentStore): Promise<HostNames> {
  const hosts = await (await documents.collection(hostRecords)).find();
  return Object.fromEntries(hosts.map(({ id, name }) => [id, name]));
}

function inWords(error: unknown): string {
  if (error instanceof DataDirectoryError && error.code === 'locked')
    return `${error.message}\nThis command works on the data of an appliance that does not run: stop it first.`;
  const isForPeople =
    error instanceof UsageError ||
    error instanceof StartError ||
    error instanceof StorageError ||
    error instanceof DataDirectoryError;
  if (isForPeople) return error.message;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
