import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Whether an element is on the screen, or nearly: what is expensive is read and drawn only then. */
export class Seen implements ReactiveController {
  isSeen = false;
  readonly #host: ReactiveControllerHost & Element;
  readonly #observer: IntersectionObserver;

  constructor(host: ReactiveControllerHost & Element) {
    this.#host = host;
    this.#observer = new IntersectionObserver(([entry]) => this.#look(entry), { rootMargin: '200px' });
    host.addController(this);
  }

  hostConnected(): void {
    this.#observer.observe(this.#host);
  }

  hostDisconnected(): void {
    this.#observer.disconnect();
  }

  #look(entry: IntersectionObserverEntry | undefined): void {
    this.isSeen = entry?.isIntersecting ?? false;
    if (this.isSeen) this.#host.requestUpdate();
  }
}
