import { html, type ReactiveController, type ReactiveControllerHost } from 'lit';
import { failureNotice } from './notice.ts';

export interface ReadingOptions {
  everyMs?: number;
  /** Called after each reading that went well, when what came is drawn. */
  onDrawn?: () => void;
}

export interface ReadingWords {
  /** Heading of the notice when nothing could be read. */
  failed: string;
  loading: string;
  /** The notice is all that the page shows. */
  isPage?: boolean;
}

/**
 * Reads something of the appliance for an element: when the element comes onto the page, at each `load()`, and every `everyMs` while
 * the page is seen. What was read stays while it is read again, and when that fails; of two answers the one asked for later counts.
 */
export class Reading<T> implements ReactiveController {
  /** Undefined until it was read once. */
  value: T | undefined;
  /** What the last try failed with. */
  failure: unknown;
  readonly #host: ReactiveControllerHost;
  readonly #read: () => Promise<T>;
  readonly #options: ReadingOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #asked = 0;
  #answered = 0;

  constructor(host: ReactiveControllerHost, read: () => Promise<T>, options: ReadingOptions = {}) {
    this.#host = host;
    this.#read = read;
    this.#options = options;
    host.addController(this);
  }

  hostConnected(): void {
    void this.load();
    const { everyMs } = this.#options;
    if (everyMs === undefined) return;
    this.#timer = setInterval(() => {
      if (!document.hidden) void this.load();
    }, everyMs);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }

  /** Reads it again. Never fails: what went wrong is in `failure`. */
  async load(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const value = await this.#read();
      if (asked < this.#answered) return;
      this.#answered = asked;
      this.set(value);
      await this.#host.updateComplete;
      this.#options.onDrawn?.();
    } catch (error) {
      if (asked < this.#answered) return;
      this.failure = error;
      this.#host.requestUpdate();
    }
  }

  /** Takes what somebody else told, such as an event or the answer of a change. */
  set(value: T): void {
    this.value = value;
    this.failure = undefined;
    this.#host.requestUpdate();
  }

  /** What was read as `draw` shows it; until then that it is being read, or why it could not be, with a button that tries again. */
  view({ failed, loading, isPage = false }: ReadingWords, draw: (value: T) => unknown): unknown {
    if (this.value !== undefined) return draw(this.value);
    if (this.failure === undefined)
      return html`<reeve-notice ?page=${isPage} kind="loading" heading=${loading}></reeve-notice>`;
    return failureNotice(failed, this.failure, { again: () => void this.load(), isPage });
  }
}
