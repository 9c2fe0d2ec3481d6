import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from '../../helpers/until.ts';

export type Line = Record<string, unknown> & { at: number };

/** A program that runs in a namespace and says what happens in lines of JSON. */
export class RunningProgram {
  readonly #child: ChildProcess;
  readonly lines: Line[] = [];
  errors = '';
  exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#read(line));
    child.stderr?.on('data', (data) => {
      this.errors += data;
    });
    child.on('exit', (code, signal) => {
      this.exit = { code, signal };
    });
  }

  /** Waits for a line that has these fields, among those after `from`, and answers it. */
  async line(fields: Record<string, unknown>, { timeoutMs = 15_000, from = 0 } = {}): Promise<Line> {
    const matches = (line: Line) =>
      Object.entries(fields).every(([key, value]) => JSON.stringify(line[key]) === JSON.stringify(value));
    return until(
      () => {
        const found = this.lines.slice(from).find(matches);
        if (!found && this.exit) throw new Error(`the program has ended: ${JSON.stringify(this.exit)} ${this.errors}`);
        return found;
      },
      {
        timeoutMs,
        everyMs: 5,
        what: `a line with ${JSON.stringify(fields)} among ${JSON.stringify(this.lines.slice(-8))} ${this.errors}`,
      },
    );
  }

  /** Writes a line to its standard input. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end and waits until it has; fails unless it ended by itself with code 0. */
  async stop(): Promise<void> {
    this.kill('SIGTERM');
    const exit = await until(() => this.exit, { what: 'the program ends' });
    if (exit.code !== 0) throw new Error(`the program ended with ${JSON.stringify(exit)}: ${this.errors}`);
  }

  #read(line: string): void {
    try {
      this.lines.push({ at: Date.now(), ...JSON.parse(line) });
    } catch {
      this.errors += `${line}\n`;
    }
  }
}
