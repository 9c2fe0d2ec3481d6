import type { OpenedHistory } from '../../appliance/history/open.ts';
import type { ExportWanted } from '../../appliance/history/transfer/export.ts';

/** An export as text. */
export async function exported({ transfer }: OpenedHistory, wanted: ExportWanted = {}): Promise<string> {
  let text = '';
  for await (const line of transfer.export(wanted)) text += line;
  return text;
}

/** A text in pieces that break wherever they like, as a pipe gives it. */
export async function* pieces(text: string | Buffer, size = 7_001): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Line {
  tier?: string;
  host: string;
  from: number;
  at: number[];
  series: { metric: string; values: (number | null)[]; count?: (number | null)[] }[];
}

/** What an export says, whatever its lines: `tier host metric time` → value, and in tiers how many values it stands for. */
export function saidBy(text: string): Map<string, [value: number, count: number]> {
  const said = new Map<string, [number, number]>();
  for (const each of text.trimEnd().split('\n')) {
    const { tier, host, from, at, series } = JSON.parse(each) as Line;
    if (!tier) continue;
    for (const { metric, values, count } of series) {
      for (const [row, value] of values.entries()) {
        if (value === null) continue;
        const key = `${tier} ${host} ${metric} ${from + (at[row] ?? 0)}`;
        if (said.has(key)) throw new Error(`${key} is said twice`);
        said.set(key, [value, count?.[row] ?? 1]);
      }
    }
  }
  return said;
}

/** How many values each tier stands for. */
export function countsOf(said: ReadonlyMap<string, [number, number]>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [key, [, count]] of said) {
    const tier = key.slice(0, key.indexOf(' '));
    counts[tier] = (counts[tier] ?? 0) + count;
  }
  return counts;
}
