/** Something that changes and tells who listens; a subclass may begin with the first listener and end with the last. */
export class Observable {
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` after every change; the answer takes it off again, and may be called twice. */
  subscribe(listener: () => void): () => void {
    // A wrapper of its own, so that the same function may subscribe twice and each take-off removes its own.
    const own = () => listener();
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.began();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.ended();
    };
  }

  protected get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  protected changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** The first listener came. */
  protected began(): void {
    // For subclasses that have something to start.
  }

  /** The last listener left. */
  protected ended(): void {
    // For subclasses that have something to stop.
  }
}
