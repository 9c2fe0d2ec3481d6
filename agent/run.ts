import type { ChildProcess } from 'node:child_process';
import type { AgentLog } from './log.ts';
import type { RunningAgent } from './main.ts';
import type { AgentOptions } from './options.ts';
import type { OwnFile } from './own-file.ts';
import { Orders } from './update/orders.ts';
import { ownProgram, wordsFor } from './update/program.ts';
import { CONNECTED, END, type Role, TRIAL } from './update/role.ts';
import { endChild, tryOut } from './update/trial.ts';
import { type Version, Versions } from './update/versions.ts';
import { VERSION } from './version.ts';

export interface RunOptions {
  options: AgentOptions;
  own: OwnFile;
  log: AgentLog;
  role: Role;
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** What a service manager is to take for "start me again". */
export const AGAIN = 75;

/** Runs the agent until it is told to end, and hands over to new versions on the way. Answers with the exit code. */
export class Run {
  readonly #given: RunOptions;
  readonly #versions: Versions;
  readonly #ended = new AbortController();
  #agent: Promise<RunningAgent> | undefined;
  #child: ChildProcess | undefined;

  constructor(given: RunOptions) {
    this.#given = given;
    this.#versions = Versions.open(given.options.stateDir);
    if (given.role.role !== TRIAL) return;
    process.on('message', (word) => word === END && process.emit('SIGTERM', 'SIGTERM'));
    process.once('disconnect', () => process.emit('SIGTERM', 'SIGTERM'));
  }

  /** Says goodbye; resolves when nothing is left. */
  async end(): Promise<void> {
    this.#ended.abort();
    if (this.#child) await endChild(this.#child);
    await this.#agent?.then((agent) => agent.stop());
  }

  async run(): Promise<number> {
    const { startAgent } = await import('./main.ts');
    const { options, own, log } = this.#given;
    for (;;) {
      const updater = this.#orders();
      const update = { ...(updater && { updater }), failed: () => this.#versions.failed, program: ownProgram() };
      const onConnected = () => this.#connected();
      this.#agent = startAgent({ ...options, log, settings: own.collectors, may: own.may, update, onConnected });
      const agent = await this.#agent;
      const next = await Promise.race([agent.failed, ...(updater ? [updater.ready] : [])]);
      await agent.stop();
      if (next instanceof Error) throw next;
      const code = await this.#try(next);
      if (code !== undefined) return code;
    }
  }

  /** The appliance's own agent comes with its appliance; one on trial takes no orders. */
  #orders(): Orders | undefined {
    const { options, own, log, role, env } = this.#given;
    if (options.isChild || role.role === TRIAL) return undefined;
    const flags = ['--state', options.stateDir, '--config', options.ownFile];
    const me = { program: ownProgram(), version: VERSION, installed: role.installed };
    return new Orders({ versions: this.#versions, may: own.may, ...me, flags, env, log });
  }

  #connected(): void {
    if (this.#given.role.role === TRIAL) process.send?.(CONNECTED);
    else this.#versions.settle();
  }

  /** Lets a new version try. Undefined when this one goes on; else the exit code. */
  async #try(trial: Version): Promise<number | undefined> {
    const { options, role, log, argv, env } = this.#given;
    const versions = this.#versions;
    const { signal } = this.#ended;
    if (signal.aborted) return 0;
    versions.countTrial();
    const words = wordsFor(trial.program, versions.pathOf(trial));
    const outcome = await tryOut({ words, argv, env, installed: role.installed, limitMs: options.trialMs, signal });
    if (signal.aborted) return 0;
    if (!outcome.ok) {
      versions.fail(outcome.reason);
      log.warn({ version: trial.version, reason: outcome.reason }, 'the new version was taken back');
      return undefined;
    }
    versions.confirm();
    log.info({ version: trial.version }, 'updated');
    return this.#leaveTo(outcome.child);
  }

  /** Who is started again by the system goes, and its next start runs the new version; else this process watches over it. */
  async #leaveTo(child: ChildProcess): Promise<number> {
    if (isServed(this.#given.env)) {
      await endChild(child);
      return AGAIN;
    }
    this.#child = child;
    return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  }
}

/** Whether systemd, OpenRC or launchd started this process, and so starts it again. */
const isServed = (env: NodeJS.ProcessEnv): boolean =>
  [env.INVOCATION_ID, env.RC_SVCNAME, env.XPC_SERVICE_NAME].some(
    (each) => each !== undefined && each !== '' && each !== '0',
  );
