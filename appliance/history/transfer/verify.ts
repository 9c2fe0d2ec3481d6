import { seriesKey } from '../../../protocol/metrics.ts';
import { StorageError } from '../../store/errors.ts';
import type { ChunkRef, HistoryEngine, Partition, StoredChunk } from '../../store/history-engine.ts';
import { decodeColumn } from '../codec/column.ts';
import type { Dictionary } from '../dictionary.ts';
import { readNames } from '../names.ts';
import { Slices } from '../slices.ts';
import { decodeRolled, emptyRolled } from '../tiers/rolled.ts';

export interface Finding {
  /** The partition, or the file. */
  where: string;
  hostId?: string;
  reason: string;
}

export interface VerifyReport {
  partitions: number;
  chunks: number;
  rows: number;
  findings: Finding[];
}

export interface VerifyParts {
  engine: Pick<HistoryEngine, 'chunks'>;
  dictionary: Dictionary;
  /** What was found damaged when history was opened. */
  damage: () => readonly { file: string; reason: string }[];
}

/** Reads every chunk to the last value, and says what is damaged or does not fit together. Nothing is changed. */
export async function verifyHistory(parts: VerifyParts): Promise<VerifyReport> {
  const { engine, damage } = parts;
  const found = damage().map(({ file, reason }): Finding => ({ where: file, reason }));
  const report: VerifyReport = { partitions: 0, chunks: 0, rows: 0, findings: found };
  const slices = new Slices();
  for (const partition of engine.chunks.partitions()) {
    report.partitions += 1;
    for (const ref of engine.chunks.chunksOf(partition.id)) {
      const reason = await judge(ref, partition, parts);
      report.chunks += 1;
      report.rows += ref.rows;
      if (reason) report.findings.push({ where: partition.id, hostId: ref.hostId, reason });
      await slices.pause();
    }
  }
  return report;
}

async function judge(ref: ChunkRef, partition: Partition, parts: VerifyParts): Promise<string | undefined> {
  const chunk = await parts.engine.chunks.read(ref);
  if (!chunk)
    return `the rows from ${new Date(ref.from).toISOString()} to ${new Date(ref.to).toISOString()} are damaged`;
  if (chunk.rows !== ref.rows || chunk.from !== ref.from || chunk.to !== ref.to)
    return 'the catalogue tells something else';
  try {
    return wrongTimes(chunk, partition) ?? wrongNames(chunk, parts.dictionary) ?? wrongColumns(chunk, partition);
  } catch (error) {
    if (error instanceof StorageError || !(error instanceof Error)) throw error;
    return `its content cannot be read: ${error.message}`;
  }
}

function wrongTimes(chunk: StoredChunk, { from, spanMs }: Partition): string | undefined {
  const times = new Float64Array(chunk.rows);
  decodeColumn(chunk.times(), chunk.rows, times);
  if (times.some((at, i) => i > 0 && at < (times[i - 1] ?? 0))) return 'its times are not in order';
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  if (first < from || last >= from + spanMs) return 'it has rows outside of its period';
  return undefined;
}

function wrongNames(chunk: StoredChunk, dictionary: Dictionary): string | undefined {
  const named = new Map(readNames(chunk.names()).map((series) => [series.id, seriesKey(series)]));
  for (const id of chunk.seriesIds) {
    const key = named.get(id);
    if (key === undefined) return `it does not say what series ${id} is`;
    const known = dictionary.get(chunk.hostId, id);
    if (!known) return `nobody knows series ${id} (${key})`;
    if (seriesKey(known) !== key) return `series ${id} is ${key} here and ${seriesKey(known)} elsewhere`;
  }
  return undefined;
}

function wrongColumns(chunk: StoredChunk, { tier }: Partition): string | undefined {
  const { rows, seriesIds } = chunk;
  const into = emptyRolled(rows);
  for (const at of seriesIds.keys()) {
    if (tier === 'raw') {
      decodeColumn(chunk.column(at), rows, into.main);
      continue;
    }
    decodeRolled(chunk.column(at), rows, into);
    const { count, min, max } = into;
    if (count.some((many, row) => many > 0 && (min[row] ?? 0) > (max[row] ?? 0)))
      return 'a least value is above the most';
  }
  return undefined;
}
