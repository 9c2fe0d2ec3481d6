import type { ChildProcess } from 'node:child_process';
import type { AgentLog } from './log.ts';
import type { RunningAgent } from './main.ts';
import type { AgentOptions } from './options.ts';
import type { OwnFileNews } from './own-file-news.ts';
import { Orders } from './update/orders.ts';
import { ownProgram, wordsFor } from './update/program.ts';
import { CONNECTED, END, type Role, TRIAL } from './update/role.ts';
import { endChild, tryOut } from './update/trial.ts';
import { type Version, Versions } from './update/versions.ts';
import { VERSION } from './version.ts';

export interface RunOptions {
  options: AgentOptions;
  /** The agent's own file, and its changes. */
  ownFile: OwnFileNews;
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
    const { ownFile } = this.#given;
    for (let orders = this.#orders(); ; ) {
      this.#agent = this.#start(orders);
      const agent = await this.#agent;
      const next = await Promise.race([
        agent.failed,
        ownFile.changed().then(() => undefined),
        ...(orders ? [orders.ready] : []),
      ]);
      await agent.stop();
      if (this.#ended.signal.aborted) return 0;
      if (next instanceof Error) throw next;
      if (!next) continue;
      const code = await this.#try(next);
      if (code !== undefined) return code;
      orders = this.#orders();
    }
  }

  /** Begins to tell the appliance, or the broker that the own file names. */
  async #start(orders: Orders | undefined): Promise<RunningAgent> {
    const { options, ownFile, log } = this.#given;
    const { collectors: settings, may, mqtt, intervalMs: ownMs } = ownFile.own;
    const intervalMs = options.intervalMs ?? ownMs;
    const onFrame = () => ownFile.look(performance.now());
    const how = { ...options, log, settings, onFrame, ...(intervalMs !== undefined && { intervalMs }) };
    if (mqtt) return (await import('./mqtt/publisher.ts')).startPublishing({ ...how, mqtt });
    const { startAgent } = await import('./main.ts');
    const failed = () => this.#versions.failed;
    const update = { ...(orders && { updater: orders }), failed, program: ownProgram() };
    return startAgent({ ...how, may, update, onConnected: () => this.#connected() });
  }

  /** The appliance's own agent comes with its appliance; one on trial takes no orders. */
  #orders(): Orders | undefined {
    const { options, ownFile, log, role, env } = this.#given;
    if (options.isChild || role.role === TRIAL) return undefined;
    const flags = ['--state', options.stateDir, '--config', options.ownFile];
    const me = { program: ownProgram(), version: VERSION, installed: role.installed };
    return new Orders({ versions: this.#versions, may: () => ownFile.own.may, ...me, flags, env, log });
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
export const isServed = (env: NodeJS.ProcessEnv): boolean =>
  [env.INVOCATION_ID, env.RC_SVCNAME, env.XPC_SERVICE_NAME].some(
    (each) => each !== undefined && each !== '' && each !== '0',
  );
