import type { ReactiveControllerHost } from 'lit';
import type { Cursor } from './cursor.ts';
import { type Area, timeAt, xOf } from './layout.ts';
import { type Line, nearest } from './line.ts';

/** A drag shorter than this is a click. */
const LEAST_BRUSH_PX = 6;

/** What gestures need of the chart, as it is at that moment. */
export interface Ground {
  cursor: Cursor;
  lines: readonly Line[];
  area: Area;
}

/** The moment that an arrow key, Home or End leads to over the points of a line; undefined for other keys. */
export function keyTarget(key: string, line: Line, from: number): number | undefined {
  const here = nearest(line, from) ?? 0;
  const last = line.at.length - 1;
  const steps: Record<string, number> = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last };
  const target = steps[key];
  return target === undefined ? undefined : line.at[Math.min(last, Math.max(0, target))];
}

/** Pointer and keys on a chart: they move its cursor, and a drag or Escape asks to look closer or back. */
export class Gestures {
  readonly #host: ReactiveControllerHost & EventTarget;
  readonly #ground: () => Ground;
  #brush: { start: number; from: number; to: number } | undefined;

  constructor(host: ReactiveControllerHost & EventTarget, ground: () => Ground) {
    this.#host = host;
    this.#ground = ground;
  }

  /** The stretch that is being marked, while the button is held. */
  get brush(): { from: number; to: number } | undefined {
    return this.#brush;
  }

  readonly move = (event: PointerEvent): void => {
    const at = this.#momentOf(event);
    this.#ground().cursor.move(at);
    if (!this.#brush) return;
    const { start } = this.#brush;
    this.#mark({ start, from: Math.min(start, at), to: Math.max(start, at) });
  };

  /** A finger scrolls the page; it marks nothing. */
  readonly down = (event: PointerEvent): void => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    const start = this.#momentOf(event);
    this.#mark({ start, from: start, to: start });
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  };

  readonly up = (): void => {
    const brush = this.#brush;
    this.#mark(undefined);
    if (!brush) return;
    const { area } = this.#ground();
    if (xOf(area, brush.to) - xOf(area, brush.from) < LEAST_BRUSH_PX) return;
    this.#host.dispatchEvent(new CustomEvent('zoom', { detail: { from: brush.from, to: brush.to } }));
  };

  readonly cancel = (): void => this.#mark(undefined);

  readonly leave = (): void => {
    if (!this.#brush) this.#ground().cursor.move(undefined);
  };

  readonly zoomOut = (): void => void this.#host.dispatchEvent(new CustomEvent('zoom-out'));

  /** Escape takes the cursor away, and then the zoom; arrow keys walk. Answers the moment that was walked to. */
  key(event: KeyboardEvent): number | undefined {
    const { cursor, lines, area } = this.#ground();
    if (event.key === 'Escape') {
      if (cursor.at === undefined) this.zoomOut();
      cursor.move(undefined);
    }
    const line = lines.find(({ at }) => at.length > 0);
    const target = line && keyTarget(event.key, line, cursor.at ?? area.to);
    if (target === undefined) return undefined;
    event.preventDefault();
    cursor.move(target);
    return target;
  }

  #mark(brush: { start: number; from: number; to: number } | undefined): void {
    this.#brush = brush;
    this.#host.requestUpdate();
  }

  #momentOf(event: PointerEvent): number {
    const { left } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return timeAt(this.#ground().area, event.clientX - left);
  }
}
