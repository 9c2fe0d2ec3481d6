import { setTimeout as pause } from 'node:timers/promises';
import type { FailedUpdate, Updating } from '../../protocol/updates.ts';
import { updateAnswer } from '../../protocol/updates.ts';

export interface UpdateSpans {
  /** An agent that says nothing for so long has failed. It fetches up to 100 MB over any line, and tests it. */
  silenceMs: number;
  /** While it tries the new version it is not connected; it goes back to the old one after two minutes. */
  tryingMs: number;
}

export const UPDATE_SPANS: UpdateSpans = { silenceMs: 35 * 60_000, tryingMs: 5 * 60_000 };

/** What an agent does with an order, from the first word to the last. */
export type Outcome = { ok: true } | { ok: false; reason: string };

interface Waiting {
  issuedAt: number;
  version: string;
  onStep: (step: Updating['step']) => void;
  end: (outcome: Outcome) => void;
  timer: NodeJS.Timeout;
}

/** Agents that are at an order, and what is heard of them. */
export class UpdatesUnderWay {
  readonly #spans: UpdateSpans;
  readonly #waiting = new Map<string, Waiting>();

  constructor(spans: UpdateSpans = UPDATE_SPANS) {
    this.#spans = spans;
  }

  /** Sends an order and resolves when it was followed, or not, or when nobody waits any more. Never fails. */
  async follow(
    agentId: string,
    { issuedAt, version, onStep }: Pick<Waiting, 'issuedAt' | 'version' | 'onStep'>,
    send: () => Promise<unknown>,
  ): Promise<Outcome> {
    const ended = new Promise<Outcome>((resolve) => {
      const end = (outcome: Outcome) => {
        clearTimeout(waiting.timer);
        this.#waiting.delete(agentId);
        resolve(outcome);
      };
      const timer = this.#timer(this.#spans.silenceMs, () => end({ ok: false, reason: 'It said nothing more of it' }));
      const waiting: Waiting = { issuedAt, version, onStep, end, timer };
      this.#waiting.set(agentId, waiting);
    });
    const refusal = await refusalOf(send);
    if (refusal !== undefined) this.#waiting.get(agentId)?.end({ ok: false, reason: refusal });
    return ended;
  }

  /** An agent says how far it is. */
  heard(agentId: string, { issuedAt, step, reason = 'It does not say why' }: Updating): void {
    const waiting = this.#waiting.get(agentId);
    if (waiting?.issuedAt !== issuedAt) return;
    clearTimeout(waiting.timer);
    if (step === 'failed') {
      waiting.end({ ok: false, reason });
      return;
    }
    const [ms, text] =
      step === 'trying'
        ? [this.#spans.tryingMs, 'It did not come back, neither in the new version nor in the old one']
        : [this.#spans.silenceMs, 'It said nothing more of it'];
    waiting.timer = this.#timer(ms, () => waiting.end({ ok: false, reason: text }));
    waiting.onStep(step);
  }

  /** An agent has come, as this version. */
  came(agentId: string, version: string, failed: FailedUpdate | undefined): void {
    const waiting = this.#waiting.get(agentId);
    if (!waiting) return;
    if (version === waiting.version) waiting.end({ ok: true });
    else if (failed?.issuedAt === waiting.issuedAt) waiting.end({ ok: false, reason: failed.reason });
  }

  /** Nobody waits for any of them any more. */
  endAll(): void {
    for (const { end } of [...this.#waiting.values()]) end({ ok: false, reason: 'Nobody waits for it any more' });
  }

  #timer(ms: number, act: () => void): NodeJS.Timeout {
    return setTimeout(act, ms).unref();
  }
}

/** Why an agent does not begin; undefined when it does. */
async function refusalOf(send: () => Promise<unknown>): Promise<string | undefined> {
  const said: unknown = await send().catch(() => undefined);
  if (said === undefined) return 'It did not answer: it is older than this, or its line broke';
  const answer = updateAnswer.safeParse(said);
  if (!answer.success) return 'It answered something else than it should';
  return answer.data.ok ? undefined : answer.data.reason;
}

/** Resolves true when all are there for `forMs` without a break, false when that was not so within `mostMs`. Throws when aborted. */
export async function allStay(
  areThere: () => boolean,
  { forMs, mostMs, signal }: { forMs: number; mostMs: number; signal: AbortSignal },
): Promise<boolean> {
  const everyMs = Math.max(10, Math.min(1_000, forMs / 10));
  const startedAt = performance.now();
  let since = startedAt;
  for (;;) {
    const now = performance.now();
    if (!areThere()) since = now;
    else if (now - since >= forMs) return true;
    if (now - startedAt > mostMs) return false;
    await pause(everyMs, undefined, { signal });
  }
}
