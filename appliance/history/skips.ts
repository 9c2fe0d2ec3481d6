import { z } from 'zod';
import type { HistoryRecord } from '../store/history-engine.ts';

/** Frames that nobody has any more. */
export interface SkipEntry {
  hostId: string;
  stream: string;
  fromSeq: number;
  toSeq: number;
  reason: string;
  /** Time of the stream's last frame before them, epoch ms; 0 = there was none. */
  afterAt: number;
}

const MOST_FOR_HOST = 500;

const entry = z.object({
  hostId: z.string(),
  stream: z.string(),
  fromSeq: z.number(),
  toSeq: z.number(),
  reason: z.string(),
  afterAt: z.number(),
});
const record = z.object({ id: z.string(), hostId: z.string(), skips: z.array(entry) });

/** What is known about lost frames, so that a gap in a chart can say why. The newest of each host are kept. */
export class Skips {
  readonly #hosts = new Map<string, SkipEntry[]>();
  readonly #changed = new Set<string>();

  of(hostId: string): readonly SkipEntry[] {
    return this.#hosts.get(hostId) ?? [];
  }

  /** The same loss told twice counts once. */
  add(skip: SkipEntry): void {
    const list = this.#hosts.get(skip.hostId) ?? [];
    if (list.some(({ stream, fromSeq }) => stream === skip.stream && fromSeq === skip.fromSeq)) return;
    this.#hosts.set(skip.hostId, [...list, skip].slice(-MOST_FOR_HOST));
    this.#changed.add(skip.hostId);
  }

  load(found: HistoryRecord): void {
    const { data } = record.safeParse(found);
    if (data) this.#hosts.set(data.hostId, data.skips);
  }

  unsaved(): HistoryRecord[] {
    return [...this.#changed].map((hostId) => ({ id: `skips/${hostId}`, hostId, skips: this.of(hostId) }));
  }

  /** A loss that was told while the others were written makes another list, which is still to be written. */
  saved(records: readonly HistoryRecord[]): void {
    for (const { hostId, skips } of records)
      if (skips === this.of(String(hostId))) this.#changed.delete(String(hostId));
  }

  forget(hostId: string): void {
    this.#hosts.delete(hostId);
    this.#changed.delete(hostId);
  }
}
