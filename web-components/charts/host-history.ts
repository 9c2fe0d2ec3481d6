import { msg } from '../msg.ts';
import { callBytes } from '../rest.ts';
import { columnAt, decodeHistory, HISTORY_BYTES, type HistoryBytes, type SeriesBytes } from './history-bytes.ts';
import type { Past } from './join.ts';
import type { Stretch } from './line.ts';

/** History of one host, as charts need it. */
export interface HostHistory {
  intervalMs: number;
  gaps: readonly Stretch[];
  /** Stretches that came later than they were measured. */
  late: readonly Stretch[];
  /** By id of the series. */
  series: ReadonlyMap<number, Past>;
}

interface Asked {
  hosts: string;
  from: number;
  to: number;
  metrics: string;
  maxPoints: number;
}

/** Reads the history of the one host that `hosts` names. Throws `ApiProblem`. */
export async function readHostHistory(query: Asked, signal: AbortSignal): Promise<HostHistory> {
  const bytes = await callBytes('GET /api/v1/history', HISTORY_BYTES, { query, signal });
  return hostHistory(decodeHistory(bytes));
}

/** The answer for a single host, with lists instead of columns. */
export function hostHistory(answer: HistoryBytes): HostHistory {
  const [host] = answer.hosts;
  const at = Array.from({ length: answer.steps }, (_, step) => answer.first + step * answer.stepMs);
  const pastOf = (series: SeriesBytes): Past => {
    const listed = (name: 'average' | 'min' | 'max') => listOf(series.numbers[columnAt(answer, name)]);
    const { to, stepMs } = answer;
    return { at, to, stepMs, average: listed('average'), min: listed('min'), max: listed('max') };
  };
  return {
    intervalMs: host?.intervalMs ?? answer.stepMs,
    gaps: host?.gaps ?? [],
    late: (host?.late ?? []).map((stretch) => ({ ...stretch, reason: msg('filled in later') })),
    series: new Map(answer.series.map((each) => [each.id ?? 0, pastOf(each)])),
  };
}

/** Null for a gap; Float32 has seven digits, and what stands behind them is noise that a table or file would show. */
function listOf(column: Float32Array | Float64Array | undefined): (number | null)[] {
  const isRounded = column instanceof Float32Array;
  return Array.from(column ?? [], (value) => {
    if (Number.isNaN(value)) return null;
    return isRounded ? Number(value.toPrecision(7)) : value;
  });
}
