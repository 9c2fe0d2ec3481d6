import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { readOptions } from '../options.ts';
import { VERSION } from '../version.ts';
import { ownProgram, wordsFor } from './program.ts';
import { CHOSEN, INSTALLED, ROLE, type Role, takeRole } from './role.ts';
import { endChild, tryOut } from './trial.ts';
import { type Version, Versions } from './versions.ts';

/** A new version that could not be judged in so many starts (the machine went down in the middle, say) is given up. */
const MOST_TRIALS = 3;
/** A version that was started so often without reaching the appliance once gives way to the installed one. */
const MOST_BOOTS = 5;

interface Start {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
}

/**
 * The first thing that an agent does: decides which version runs, before anything of the agent is set up. `run` is this one. The installed
 * program, which only root can change, decides; so a version that crashes at its start is nothing that it cannot survive. Root itself
 * never runs what lies in the state folder of another account.
 */
export async function launch(start: Start, run: (role: Role) => Promise<void>): Promise<void> {
  const role = takeRole(start.env, VERSION);
  if (role.role !== undefined) return run(role);
  const versions = versionsOf(start);
  if (!versions) return run(role);
  if (versions.isToRun) await finishTrial(versions.all, start, versions.trialMs);
  const version = chosen(versions.all, versions.isToRun);
  if (!version || !handOver(versions.all, version, start)) return run(role);
}

/** Where versions would be; undefined where the options are wrong, which is for the agent itself to say. */
function versionsOf({ argv, env }: Start) {
  try {
    const { command, stateDir, isChild, trialMs } = readOptions(argv, env);
    if (isChild || command === 'ceiling') return undefined;
    return { all: Versions.open(stateDir), isToRun: command === 'run', trialMs };
  } catch {
    return undefined;
  }
}

/** A trial that an earlier process did not bring to its end. */
async function finishTrial(versions: Versions, { argv, env }: Start, limitMs: number): Promise<void> {
  const { trial } = versions;
  if (!trial) return;
  if (trial.boots >= MOST_TRIALS || !versions.isWhole(trial))
    return versions.fail(`It was started ${trial.boots} times, and each time the machine or the agent ended`);
  versions.countTrial();
  const abort = new AbortController();
  const end = () => abort.abort();
  process.once('SIGTERM', end).once('SIGINT', end);
  const words = wordsFor(trial.program, versions.pathOf(trial));
  const outcome = await tryOut({ words, argv, env, installed: VERSION, limitMs, signal: abort.signal });
  if (abort.signal.aborted) process.exit(0);
  process.off('SIGTERM', end).off('SIGINT', end);
  if (!outcome.ok) return versions.fail(outcome.reason);
  versions.confirm();
  await endChild(outcome.child);
}

function chosen(versions: Versions, isToRun: boolean): Version | undefined {
  const version = versions.currentFor(ownProgram(), VERSION);
  if (!isToRun) return version;
  if (!version) versions.drop();
  else if (version.boots < MOST_BOOTS) versions.countBoot();
  else versions.drop(`It was started ${version.boots} times and never reached the appliance`);
  return version && version.boots < MOST_BOOTS ? version : undefined;
}

/** Starts a version in the place of this one; false when it cannot even be loaded. */
function handOver(versions: Versions, version: Version, start: Start): boolean {
  const file = versions.pathOf(version);
  const env = { [ROLE]: CHOSEN, [INSTALLED]: VERSION };
  if (version.program !== 'script') return replace(file, start, env);
  try {
    // In this process: two of them would need twice the memory.
    Object.assign(start.env, env);
    process.argv[1] = file;
    createRequire(file)(file);
    return true;
  } catch (error) {
    takeRole(start.env, VERSION);
    versions.drop(`It could not be loaded: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500));
    return false;
  }
}

/** An executable takes the place of this process where the system can do that; else it is its child. */
function replace(file: string, { argv, env }: Start, more: Record<string, string>): boolean {
  const all = { ...env, ...more };
  const execve: unknown = Reflect.get(process, 'execve'); // Since Node 22.15.
  if (process.platform !== 'win32' && typeof execve === 'function') execve.call(process, file, [file, ...argv], all);
  const child = spawn(file, [...argv], { env: all, stdio: 'inherit', windowsHide: true });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  child.once('error', () => process.exit(1));
  child.once('exit', (code) => process.exit(code ?? 1));
  return true;
}
