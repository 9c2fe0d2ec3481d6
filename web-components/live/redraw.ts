import type { ReactiveController, ReactiveControllerHost } from 'lit';

const waiting = new Set<() => void>();
let isAsked = false;

/** Runs `draw` once in the next animation frame, however often it is asked for; in a hidden page not before it is seen again. */
export function nextFrame(draw: () => void): void {
  waiting.add(draw);
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    const due = [...waiting];
    waiting.clear();
    for (const each of due) each();
  });
}

type Subscribe = (listener: () => void) => () => void;

/** Redraws an element at most once per animation frame while what it follows changes; lets go when it leaves the page. */
export class Follow implements ReactiveController {
  readonly #draw: () => void;
  readonly #sources: () => readonly ({ subscribe: Subscribe } | undefined)[];
  #release: (() => void)[] = [];

  constructor(host: ReactiveControllerHost, sources: () => readonly ({ subscribe: Subscribe } | undefined)[]) {
    this.#draw = () => host.requestUpdate();
    this.#sources = sources;
    host.addController(this);
  }

  hostConnected(): void {
    this.again();
  }

  hostDisconnected(): void {
    for (const release of this.#release) release();
    this.#release = [];
  }

  /** Takes the sources anew, after a property that names them changed. New ones are held before old ones are let go. */
  again(): void {
    const before = this.#release;
    this.#release = this.#sources().flatMap((source) =>
      source ? [source.subscribe(() => nextFrame(this.#draw))] : [],
    );
    for (const release of before) release();
  }
}
