/** What a preview is at a moment. `busy`: an answer is on its way; what was found before is shown meanwhile. */
export interface PreviewState<Found> {
  isBusy: boolean;
  found?: Found;
  failure?: unknown;
}

interface Parts<Question, Found> {
  ask(question: Question, signal: AbortSignal): Promise<Found>;
  /** Called with each change. */
  tell(state: PreviewState<Found>): void;
  /** Whether to ask again by itself after this failure. */
  isBusyFailure?(error: unknown): boolean;
  waitMs?: number;
  againMs?: number;
}

/**
 * Asks a question some moments after it was last changed. A question that was overtaken is cancelled, and its answer is never told, however
 * late it comes. The same question is not asked twice.
 */
export class Previewer<Question, Found> {
  readonly #parts: Parts<Question, Found>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked: AbortController | undefined;
  #last: string | undefined;
  #state: PreviewState<Found> = { isBusy: false };

  constructor(parts: Parts<Question, Found>) {
    this.#parts = parts;
  }

  /** Undefined: there is nothing to ask just now. */
  of(question: Question | undefined): void {
    const text = question === undefined ? undefined : JSON.stringify(question);
    if (text === this.#last) return;
    this.#last = text;
    this.stop();
    this.#tell(question === undefined ? { isBusy: false } : { ...this.#state, isBusy: true });
    if (question !== undefined) this.#in(this.#parts.waitMs ?? 400, question);
  }

  /** Asks the last question once more, after a failure. */
  again(): void {
    const text = this.#last;
    this.#last = undefined;
    if (text !== undefined) this.of(JSON.parse(text) as Question);
  }

  /** Cancels what is under way. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#asked = undefined;
  }

  #in(waitMs: number, question: Question): void {
    this.#timer = setTimeout(() => void this.#ask(question), waitMs);
  }

  async #ask(question: Question): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const found = await this.#parts.ask(question, asked.signal);
      if (!asked.signal.aborted) this.#tell({ isBusy: false, found });
    } catch (failure) {
      if (asked.signal.aborted) return;
      if (this.#parts.isBusyFailure?.(failure)) return this.#in(this.#parts.againMs ?? 2_000, question);
      this.#tell({ isBusy: false, failure });
    }
  }

  #tell(state: PreviewState<Found>): void {
    this.#state = state;
    this.#parts.tell(state);
  }
}
