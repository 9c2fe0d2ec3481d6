import { type TopProcesses, topAnswer } from '../../protocol/agent-link.ts';
import type { Host } from '../../protocol/hosts.ts';
import { hostProcesses } from '../../protocol/routes/processes.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';

/** So long one answer is good for everybody who asks: ten people who look at a host cost it no more than one. */
const SHARED_MS = 2_000;

type Told = TopProcesses & { at: number };

export interface ProcessesParts {
  /** Undefined where the host has no agent that is connected; what comes is not checked yet. */
  ask(hostId: string): Promise<unknown> | undefined;
  visible(session: Session, hostId: string): Host;
  now(): number;
}

/** Asks hosts for their processes. */
class Questions {
  readonly #parts: ProcessesParts;
  readonly #asked = new Map<string, { at: number; answer: Promise<Told> }>();

  constructor(parts: ProcessesParts) {
    this.#parts = parts;
  }

  ask({ id, name }: Host): Promise<Told> {
    const now = this.#parts.now();
    for (const [hostId, { at }] of this.#asked) if (Math.abs(now - at) >= SHARED_MS) this.#asked.delete(hostId);
    const known = this.#asked.get(id);
    if (known) return known.answer;
    const answer = this.#ask(id, name);
    this.#asked.set(id, { at: now, answer });
    return answer;
  }

  async #ask(hostId: string, name: string): Promise<Told> {
    const asked = this.#parts.ask(hostId);
    if (!asked) throw new Problem('host-unreachable', `No agent of ${name} is connected`);
    const said: unknown = await asked.catch(() => {
      throw new Problem('host-unreachable', `The agent of ${name} does not answer: it is busy, or older than this`);
    });
    const parsed = topAnswer.safeParse(said);
    if (!parsed.success) throw new Problem('host-unreachable', `The agent of ${name} answers something else`);
    if (!parsed.data.ok) throw new Problem('host-unreachable', parsed.data.reason);
    return { ...parsed.data.value, at: this.#parts.now() };
  }
}

/** Serves the question which processes of a host take most now. */
export function serveProcesses(routes: Routes, parts: ProcessesParts): void {
  const questions = new Questions(parts);
  routes.serve(hostProcesses, ({ session, params }) => questions.ask(parts.visible(session, params.hostId)));
}
