import { Observable } from '../live/observable.ts';

/** A moment that several charts point at together. */
export class Cursor extends Observable {
  #at: number | undefined;

  get at(): number | undefined {
    return this.#at;
  }

  /** Points at a moment, epoch ms; undefined at none. */
  move(at: number | undefined): void {
    if (at === this.#at) return;
    this.#at = at;
    this.changed();
  }
}

/** The cursor of all charts of the page that are not given one of their own. */
export const pageCursor = new Cursor();
