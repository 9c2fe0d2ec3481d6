import type { LiveSeries } from '../../protocol/live.ts';
import type { FrameEvent, Hub } from '../hub.ts';

/** Newest value of one series. */
export interface NowValue {
  series: LiveSeries;
  value: number;
  /** Moment of reading, epoch ms. */
  at: number;
}

/** Newest value of every series of every host, as its frames come; what is late never counts. */
export class Now {
  readonly #hosts = new Map<string, Map<number, NowValue>>();
  #frames = 0;

  constructor(hub: Hub) {
    hub.on('frame', (frame) => this.#take(frame));
    hub.on('host', ({ before, after }) => {
      if (before && !after) this.#hosts.delete(before.id);
    });
  }

  /** Frames that came since the start, late ones included. */
  get frames(): number {
    return this.#frames;
  }

  of(hostId: string): NowValue[] {
    return [...(this.#hosts.get(hostId)?.values() ?? [])];
  }

  #take({ hostId, at, late, grade, series, values }: FrameEvent): void {
    if (grade === 'watch') return;
    this.#frames++;
    if (late) return;
    const known = this.#hosts.get(hostId) ?? new Map<number, NowValue>();
    this.#hosts.set(hostId, known);
    for (const [n, each] of series.entries()) {
      const value = values[n] ?? null;
      if (value === null) known.delete(each.id);
      else known.set(each.id, { series: each, value, at });
    }
  }
}
