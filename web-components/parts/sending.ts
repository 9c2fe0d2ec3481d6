import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { ApiProblem, type ProblemKind, problemText } from '../rest.ts';

/** How the sending of a form goes: `<reeve-form .problems=${s.problems} failure=${s.failure} ?busy=${s.isBusy}>`. */
export class Sending implements ReactiveController {
  isBusy = false;
  /** What each field did wrong. */
  problems: readonly FieldProblem[] = [];
  /** The sentence where no field is to blame; empty when nothing went wrong. */
  failure = '';
  /** Code of what went wrong, where the appliance said one. */
  code: ProblemKind | undefined;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.clear();
  }

  /** All that went wrong, for a form that does not show it at its fields; empty when nothing did. */
  get text(): string {
    return this.failure || this.problems.map(({ message }) => message).join(' ');
  }

  /** Forgets what went wrong. */
  clear(): void {
    this.problems = [];
    this.failure = '';
    this.code = undefined;
    this.#host.requestUpdate();
  }

  /** Says it in other words than the appliance. */
  fail(text: string): void {
    this.problems = [];
    this.failure = text;
    this.#host.requestUpdate();
  }

  /**
   * Sends, busy meanwhile. True when it went; what was thrown stands in `problems` and `failure`, field problems with the paths that
   * `atField` gives them.
   */
  async run(
    send: () => Promise<unknown>,
    atField = (problem: FieldProblem): FieldProblem => problem,
  ): Promise<boolean> {
    this.isBusy = true;
    this.clear();
    try {
      await send();
      return true;
    } catch (error) {
      this.problems = error instanceof ApiProblem ? error.fields.map(atField) : [];
      this.failure = this.problems.length > 0 ? '' : problemText(error);
      this.code = error instanceof ApiProblem ? error.code : undefined;
      return false;
    } finally {
      this.isBusy = false;
      this.#host.requestUpdate();
    }
  }
}
