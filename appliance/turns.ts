/** Runs tasks one after the other, in the order they came; one that fails does not stop the next. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `task` when all earlier ones are done, and answers with its result. */
  run<R>(task: () => Promise<R>): Promise<R> {
    const running = this.#last.then(task, task);
    this.#last = running.catch(() => undefined);
    return running;
  }
}
