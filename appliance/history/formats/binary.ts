import type { Answer } from './answer.ts';

/**
 * The form for programs, described in `docs/history-api.md`: `RVH1`, length of the head (Uint32), the head as JSON, then for each series
 * and column as many numbers as there are steps, little-endian, each column padded to 8 bytes.
 */
const MAGIC = 'RVH1';
const PIECE_BYTES = 512 * 1024;

/** Of how many bytes the answer is, and its pieces. */
export function binaryAnswer({ head, series, slices }: Answer): { bytes: number; pieces: AsyncGenerator<Uint8Array> } {
  const types = series.map(({ columns }) => (columns.some(needsDouble) ? 'f8' : 'f4'));
  const heads = series.map((each, index) => ({ ...each.head, type: types[index] }));
  const begin = beginOf(JSON.stringify({ ...head, series: heads }));
  const sizes = types.map((type) => padded(head.steps * (type === 'f8' ? 8 : 4)));
  const bytes = sizes.reduce((sum, size) => sum + size * head.columns.length, begin.length);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield begin;
    let left = bytes - begin.length;
    let piece = new Uint8Array(Math.min(left, PIECE_BYTES));
    let at = 0;
    for (const [index, each] of series.entries()) {
      const size = sizes[index] ?? 0;
      for (const column of each.columns) {
        if (at + size > piece.length) {
          yield piece.subarray(0, at);
          piece = new Uint8Array(Math.max(size, Math.min(left, PIECE_BYTES)));
          at = 0;
        }
        put(column, piece, { at, type: types[index] });
        at += size;
        left -= size;
      }
      await slices.pause();
    }
    yield piece.subarray(0, at);
  }
  return { bytes, pieces: pieces() };
}

const padded = (size: number): number => Math.ceil(size / 8) * 8;

/** Columns begin at a multiple of 8 bytes, so that a reader need not copy them. */
function beginOf(head: string): Uint8Array {
  const length = Buffer.byteLength(head);
  const begin = Buffer.alloc(padded(8 + length), ' ');
  begin.write(MAGIC, 'latin1');
  begin.writeUInt32LE(begin.length - 8, 4);
  begin.write(head, 8);
  return begin;
}

function put(
  column: Float64Array,
  { buffer }: Uint8Array,
  { at, type }: { at: number; type: string | undefined },
): void {
  // Machines with the other order of bytes are none of those that Reeve runs on.
  if (type === 'f8') new Float64Array(buffer, at, column.length).set(column);
  else new Float32Array(buffer, at, column.length).set(column);
}

const FLOAT32_MOST = 3.4e38;
const FLOAT32_LEAST = 1.2e-38;
/** What is left between two neighbours in Float32, as a share of their size. */
const FLOAT32_GRAIN = 2 ** -24;
/** A chart is not much higher than so many grains of what its line spans. */
const LEAST_GRAINS = 1_024;

/** Half the size is enough but where a line moves little and far from zero, as an uptime does, or beyond what Float32 holds. */
function needsDouble(column: Float64Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let step = 0; step < column.length; step++) {
    const value = column[step] ?? Number.NaN;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return false;
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size > FLOAT32_MOST || (size > 0 && size < FLOAT32_LEAST)) return true;
  return low !== high && size * FLOAT32_GRAIN * LEAST_GRAINS > high - low;
}
