import { z } from 'zod';
import { instant } from '../../../protocol/identity.ts';
import { attributes, metricId, type SeriesIdentity } from '../../../protocol/metrics.ts';
import type { Span } from '../../store/history-engine.ts';
import { TransferError } from './line.ts';

/** Values of one series in an export; `count`, `min` and `max` only in the tiers, where `values` are means or last values. */
export interface BlockSeries extends SeriesIdentity {
  values: Float64Array;
  count?: Float64Array;
  min?: Float64Array;
  max?: Float64Array;
}

/** Rows of one host in one tier, as one line of an export holds them. */
export interface Block {
  tier: '1h' | '5m' | '1m' | 'raw';
  hostId: string;
  intervalMs: number;
  /** Epoch ms, ascending. */
  times: Float64Array;
  series: BlockSeries[];
  /** Stretches that had come later than they were measured. */
  late: readonly Span[];
}

export interface Header {
  at: number;
  from: number;
  to: number;
  /** Names of hosts by id, for people. */
  hosts: Record<string, string>;
}

export const FORMAT_VERSION = 1;
/** Bounds of what is read; what is written stays far below. */
const MOST_ROWS = 100_000;
const MOST_SERIES = 10_000;

const numbers = z.array(z.unknown()).max(MOST_ROWS);
const hostId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'a host id has letters, digits, _ and -');

const header = z.object({
  n: z.literal(1),
  reeve: z.literal('history'),
  version: z.number().int(),
  at: instant,
  from: z.number(),
  to: z.number(),
  hosts: z.record(hostId, z.string().max(200)),
});

const line = z.object({
  n: z.number().int(),
  tier: z.enum(['1h', '5m', '1m', 'raw']),
  host: hostId,
  intervalMs: z.number().int().min(1).max(86_400_000),
  from: instant,
  at: numbers,
  late: z
    .array(z.tuple([instant, instant]))
    .max(1_000)
    .default([]),
  series: z
    .array(
      z.object({
        metric: metricId,
        attributes: attributes.default({}),
        values: numbers,
        count: numbers.exactOptional(),
        min: numbers.exactOptional(),
        max: numbers.exactOptional(),
      }),
    )
    .max(MOST_SERIES),
});

const end = z.object({ n: z.number().int(), end: z.literal(true), rows: z.number().int() });

/** The first line. Fails with `TransferError` when the file is something else, or newer than this program. */
export function parseHeader(value: unknown): Header {
  const { data } = header.safeParse(value);
  if (!data) throw new TransferError(1, 'it is not the first line of an export of Reeve’s history');
  if (data.version > FORMAT_VERSION) {
    const cure = 'update this one first';
    throw new TransferError(
      1,
      `a newer Reeve wrote this file (version ${data.version}, known is ${FORMAT_VERSION}): ${cure}`,
    );
  }
  return data;
}

/** A line after the first: rows, or the end with the number of all rows. */
export function parseLine(value: unknown, n: number): Block | { rows: number } {
  const last = end.safeParse(value);
  const found = last.success ? last : line.safeParse(value);
  if (!found.success) throw new TransferError(n, problemOf(found.error));
  if (found.data.n !== n)
    throw new TransferError(n, `it says to be line ${found.data.n}: lines are missing or out of order`);
  return 'end' in found.data ? { rows: found.data.rows } : toBlock(found.data, n);
}

function toBlock({ tier, host, intervalMs, from, at, late, series }: z.output<typeof line>, n: number): Block {
  const times = toNumbers(at, { n, what: 'at' }).map((each) => from + each);
  if (times.length === 0) throw new TransferError(n, 'it has no rows');
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? Number.NaN;
    if (!instant.safeParse(time).success) throw new TransferError(n, `at[${i}] is no time between 2000 and 2200`);
    if (i > 0 && time <= (times[i - 1] ?? 0)) throw new TransferError(n, `at[${i}] is not after the time before it`);
  }
  const rows = times.length;
  const columns = series.map(({ metric, attributes: named, values, count, min, max }, i): BlockSeries => {
    const read = (what: string, list: readonly unknown[]) => column(list, { rows, n, what: `series[${i}].${what}` });
    const isRolled = count !== undefined && min !== undefined && max !== undefined;
    if (isRolled === (tier === 'raw')) throw new TransferError(n, `series[${i}] has not what the tier ${tier} needs`);
    const base = { metric, attributes: named, values: read('values', values) };
    if (!isRolled) return base;
    return {
      ...base,
      ...checkRolled({ count: read('count', count), min: read('min', min), max: read('max', max) }, n, i),
    };
  });
  return { tier, hostId: host, intervalMs, times, series: columns, late };
}

type RolledPart = Required<Pick<BlockSeries, 'count' | 'min' | 'max'>>;

function checkRolled(rolled: RolledPart, n: number, series: number): RolledPart {
  for (const [row, count] of rolled.count.entries()) {
    const isCount = Number.isSafeInteger(count) && count >= 0;
    if (!isCount && !Number.isNaN(count)) throw new TransferError(n, `series[${series}].count[${row}] is no count`);
    if ((rolled.min[row] ?? 0) > (rolled.max[row] ?? 0))
      throw new TransferError(n, `series[${series}].min[${row}] is above its max`);
  }
  return rolled;
}

interface Wanted {
  rows: number;
  n: number;
  what: string;
}

function column(list: readonly unknown[], { rows, n, what }: Wanted): Float64Array {
  if (list.length !== rows) throw new TransferError(n, `${what} has ${list.length} values for ${rows} rows`);
  return toNumbers(list, { n, what, mayBeNull: true });
}

interface Place {
  n: number;
  what: string;
  mayBeNull?: boolean;
}

function toNumbers(list: readonly unknown[], { n, what, mayBeNull = false }: Place): Float64Array {
  const found = new Float64Array(list.length);
  for (const [i, value] of list.entries()) {
    if (value === null && mayBeNull) found[i] = Number.NaN;
    else if (typeof value === 'number' && Number.isFinite(value)) found[i] = value;
    else throw new TransferError(n, `${what}[${i}] is no number`);
  }
  return found;
}

function problemOf({ issues }: z.ZodError): string {
  const [first] = issues;
  return first ? `${first.path.join('.') || 'it'}: ${first.message}` : 'it is not as it should be';
}

/** The first line of an export, without its checksum. */
export const headerJson = ({ at, from, to, hosts }: Header): string =>
  JSON.stringify({ n: 1, reeve: 'history', version: FORMAT_VERSION, at, from, to, hosts });

/** A line of rows, without its checksum. NaN becomes null. */
export function blockJson({ tier, hostId: host, intervalMs, times, series, late }: Block, n: number): string {
  const from = times[0] ?? 0;
  const at = Array.from(times, (time) => time - from);
  const columns = series.map(({ metric, attributes: named, values, count, min, max }) => ({
    metric,
    ...(Object.keys(named).length > 0 && { attributes: named }),
    values: plain(values),
    ...(count && min && max && { count: plain(count), min: plain(min), max: plain(max) }),
  }));
  return JSON.stringify({ n, tier, host, intervalMs, from, at, ...(late.length > 0 && { late }), series: columns });
}

export const endJson = (n: number, rows: number): string => JSON.stringify({ n, end: true, rows });

const plain = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : value));
