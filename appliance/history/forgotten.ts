import { z } from 'zod';
import type { HistoryEngine, HistoryRecord } from '../store/history-engine.ts';
import type { Dictionary } from './dictionary.ts';
import type { LaneState } from './lane-state.ts';
import type { Skips } from './skips.ts';
import type { Streams } from './streams.ts';

interface Tombstone {
  /** For each lane the commit up to which the host's rows are gone. */
  through: Record<string, number>;
  /** Ids of series go on behind this one. */
  lastId: number;
  finished: boolean;
}

const record = z.object({
  id: z.string(),
  hostId: z.string(),
  through: z.record(z.string(), z.number()),
  lastId: z.number(),
  finished: z.boolean(),
});

export interface ForgetParts {
  engine: HistoryEngine;
  lanes: readonly LaneState[];
  dictionary: Dictionary;
  streams: Streams;
  skips: Skips;
}

/** Hosts whose history was taken away. The tombstone is durable first, so that a crash in the middle is finished at the next start. */
export class Forgotten {
  readonly #hosts = new Map<string, Tombstone>();

  hosts(): string[] {
    return [...this.#hosts.keys()];
  }

  lastIdOf(hostId: string): number {
    return this.#hosts.get(hostId)?.lastId ?? 0;
  }

  through(hostId: string, lane: string): number {
    return this.#hosts.get(hostId)?.through[lane] ?? 0;
  }

  load(found: HistoryRecord): void {
    const { data } = record.safeParse(found);
    if (data) this.#hosts.set(data.hostId, data);
  }

  async forget(hostId: string, parts: ForgetParts): Promise<void> {
    const { lanes, dictionary, streams, skips, engine } = parts;
    const through = Object.fromEntries(lanes.map(({ head, log }) => [head.lane.name, log.cut()]));
    for (const { head } of lanes) head.forget(hostId);
    const tombstone = { through, lastId: dictionary.nextId(hostId) - 1, finished: false };
    dictionary.forget(hostId);
    streams.forget(hostId);
    skips.forget(hostId);
    this.#hosts.set(hostId, tombstone);
    await engine.records.put([{ id: `forgotten/${hostId}`, hostId, ...tombstone }]);
    await this.finish(parts);
  }

  /** Does what is left to do for every host that was to be forgotten. */
  async finish({ engine, lanes }: ForgetParts): Promise<void> {
    for (const [hostId, tombstone] of this.#hosts) {
      if (tombstone.finished) continue;
      for (const { log } of lanes) await log.flush();
      await engine.chunks.forget(hostId);
      const all = await engine.records.all();
      const own = all.filter((each) => each.hostId === hostId && !each.id.startsWith('forgotten/'));
      await engine.records.remove(own.map(({ id }) => id));
      tombstone.finished = true;
      await engine.records.put([{ id: `forgotten/${hostId}`, hostId, ...tombstone }]);
    }
  }
}
