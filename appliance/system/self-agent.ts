import { type ChildProcess, spawn } from 'node:child_process';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';
import type { Logger } from '../log.ts';

export interface SelfAgentOptions {
  /** The built agent. */
  script: string;
  stateDir: string;
  /** HTTPS address of this appliance. */
  hub: string;
  log: Logger;
  /** A fresh one-time token; the agent needs it only while it is not paired. */
  issueToken(): Promise<string>;
}

const RESTART_MS = { first: 1_000, longest: 60_000 } as const;
const STOP_MS = 3_000;
const WELL_MS = 60_000;

/** The appliance watches its own machine through an agent like any other: a child process, paired by the same handshake. */
export class SelfAgent {
  readonly #options: SelfAgentOptions;
  #child: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;
  #delayMs: number = RESTART_MS.first;

  constructor(options: SelfAgentOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#child || this.#isStopped) return;
    const { script, stateDir, hub, log, issueToken } = this.#options;
    const token = await issueToken();
    if (this.#isStopped) return; // Meanwhile: a child that nobody stops would be left behind.
    const startedAt = performance.now();
    // It gets a bare environment: what is in the appliance's own (keys, say) is none of its business.
    const env = { PATH: process.env.PATH ?? '', REEVE_MDNS: 'off', REEVE_AGENT_STATE: stateDir, ...machineId() };
    const child = spawn(process.execPath, [...AGENT_FLAGS, script, '--token', '-', '--hub', hub, '--child'], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdin.on('error', () => undefined); // It ended before it read its token: 'exit' tells the rest.
    child.stdin.write(`${token}\n`); // Left open: its end tells the child that the appliance is gone.
    const note = (chunk: Buffer): void => log.info(chunk.toString('utf8').trim().slice(0, 2_000));
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    child.once('error', (error) => log.error({ err: error }, 'own agent could not be started'));
    child.once('close', (code) => this.#ended(code, performance.now() - startedAt));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
  }

  #ended(code: number | null, livedMs: number): void {
    this.#child = undefined;
    if (this.#isStopped) return;
    if (livedMs > WELL_MS) this.#delayMs = RESTART_MS.first;
    this.#options.log.warn({ code, againInMs: this.#delayMs }, 'own agent ended');
    this.#retry = setTimeout(() => {
      this.start().catch((error) => this.#options.log.error({ err: error }, 'own agent could not be started'));
    }, this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_MS.longest);
  }
}

const machineId = (): Record<string, string> => {
  const given = process.env.REEVE_MACHINE_ID;
  return given ? { REEVE_MACHINE_ID: given } : {};
};
