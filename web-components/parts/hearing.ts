import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Listens while its element is on the page: `listen` begins it, and gives what ends it. */
export class Hearing implements ReactiveController {
  readonly #listen: () => () => void;
  #stop: (() => void) | undefined;

  constructor(host: ReactiveControllerHost, listen: () => () => void) {
    this.#listen = listen;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = this.#listen();
  }

  hostDisconnected(): void {
    this.#stop?.();
  }
}
