import type { Chunk, ChunkRef, HistoryEngine, Partition, PartitionKey, Tier } from '../../store/history-engine.ts';
import { encodeColumn } from '../codec/column.ts';
import type { Dictionary } from '../dictionary.ts';
import { rowsOfChunk } from '../head/rows.ts';
import { namesOf } from '../names.ts';
import { Slices } from '../slices.ts';
import { encodeRolled } from './rolled.ts';
import { rolledOfChunk } from './rolled-set.ts';
import { Roller } from './roller.ts';
import { type RolledTier, STEP_MS, stepOf } from './tiers.ts';

export interface PartParts {
  chunks: HistoryEngine['chunks'];
  dictionary: Dictionary;
  /** Whether a metric of a host keeps its last value in a longer step instead of a mean. */
  keepsLast: (hostId: string, metric: string) => boolean;
}

export interface Target {
  tier: RolledTier;
  lane: string;
  from: number;
  spanMs: number;
  isWhole?: boolean;
}

/** Writes a part of a tier out of finer partitions, or of parts of the same tier: host after host, in slices. */
export async function writePart(target: Target, sources: readonly Partition[], parts: PartParts): Promise<void> {
  const through = sources.reduce((most, each) => Math.max(most, each.through), 0);
  const key: PartitionKey = { ...target, through };
  await parts.chunks.write(key, chunksOf(target, sources, parts));
}

async function* chunksOf(target: Target, sources: readonly Partition[], parts: PartParts): AsyncIterable<Chunk> {
  const slices = new Slices();
  for (const [hostId, refs] of byHost(sources, parts)) {
    const chunk = await rollHost(target, { hostId, refs, parts, slices });
    if (chunk) yield chunk;
    await slices.pause();
  }
}

function byHost(sources: readonly Partition[], { chunks }: PartParts): Map<string, ChunkRef[]> {
  const hosts = new Map<string, ChunkRef[]>();
  for (const { id } of sources) {
    for (const ref of chunks.chunksOf(id)) {
      const refs = hosts.get(ref.hostId) ?? [];
      refs.push(ref);
      hosts.set(ref.hostId, refs);
    }
  }
  return hosts;
}

interface HostSources {
  hostId: string;
  refs: readonly ChunkRef[];
  parts: PartParts;
  slices: Slices;
}

async function rollHost(target: Target, { hostId, refs, parts, slices }: HostSources): Promise<Chunk | undefined> {
  const { chunks, dictionary, keepsLast } = parts;
  const stepMs = STEP_MS[target.tier];
  const roller = new Roller({
    from: target.from,
    spanMs: target.spanMs,
    stepMs,
    keepsLast: (id) => keepsLast(hostId, dictionary.get(hostId, id)?.metric ?? ''),
  });
  for (const ref of refs) {
    const set = await setOf(ref, chunks);
    if (set) await roller.add(set, slices);
  }
  const { times, series } = roller.result();
  const rows = times.length;
  if (rows === 0) return undefined;
  const seriesIds = series.map(([id]) => id);
  const columns: Uint8Array[] = [];
  for (const [, rolled] of series) {
    columns.push(encodeRolled(rolled, rows));
    await slices.pause();
  }
  return {
    hostId,
    from: times[0] ?? 0,
    to: (times[rows - 1] ?? 0) + stepMs - 1,
    rows,
    intervalMs: Math.max(...refs.map(({ intervalMs }) => intervalMs)),
    seriesIds,
    names: namesOf(hostId, seriesIds, dictionary),
    late: roller.late,
    times: encodeColumn(times, rows, 'small'),
    columns,
  };
}

async function setOf(ref: ChunkRef, chunks: HistoryEngine['chunks']) {
  const { tier }: { tier: Tier } = ref.partition;
  const chunk = await chunks.read(ref);
  if (!chunk) return undefined;
  return tier === 'raw' ? rowsOfChunk(chunk) : rolledOfChunk(chunk, stepOf(tier));
}
