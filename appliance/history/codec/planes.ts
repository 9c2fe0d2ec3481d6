import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { DecodeError } from './bytes.ts';

/** Level 5 is as small as 9 on this data at a tenth of its time (findings/history.md §3). */
const LEVEL = 5;
const WINDOW = 18;

const compress = (bytes: Uint8Array): Uint8Array =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: LEVEL,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

const expand = (bytes: Uint8Array, length: number): Uint8Array => {
  const expanded = brotliDecompressSync(bytes, { maxOutputLength: length });
  if (expanded.length !== length) throw new DecodeError('a column has the wrong length');
  return expanded;
};

/** Doubles that are no short decimals: their eight byte planes, compressed. */
export function doublesToPlanes(values: Float64Array, count: number): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, count * 8);
  const planes = new Uint8Array(count * 8);
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 8; plane++) planes[plane * count + i] = bytes[i * 8 + plane] ?? 0;
  }
  return compress(planes);
}

export function planesToDoubles(compressed: Uint8Array, values: Float64Array, count: number): void {
  const planes = expand(compressed, count * 8);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, count * 8);
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 8; plane++) bytes[i * 8 + plane] = planes[plane * count + i] ?? 0;
  }
}
