import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { DecodeError, unzigzag, zigzag } from './bytes.ts';

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

/** Steps between integers, split into planes of equal bytes (all lowest bytes, all second ones …) and compressed. */
export function integersToPlanes(values: Float64Array, count: number): Uint8Array {
  const residuals = new Float64Array(count);
  let previous = 0;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const residual = zigzag(value - previous);
    residuals[i] = residual;
    if (residual > largest) largest = residual;
    previous = value;
  }
  let width = 1;
  while (largest >= 2 ** (8 * width)) width += 1;
  const planes = new Uint8Array(width * count);
  for (let plane = 0; plane < width; plane++) {
    const weight = 2 ** (8 * plane);
    for (let i = 0; i < count; i++) planes[plane * count + i] = Math.floor((residuals[i] ?? 0) / weight) % 256;
  }
  return withWidth(width, compress(planes));
}

export function planesToIntegers(bytes: Uint8Array, values: Float64Array, count: number): void {
  const width = bytes[0] ?? 0;
  if (width < 1 || width > 7) throw new DecodeError('unknown width of planes');
  const planes = expand(bytes.subarray(1), width * count);
  let value = 0;
  for (let i = 0; i < count; i++) {
    let residual = 0;
    for (let plane = width - 1; plane >= 0; plane--) residual = residual * 256 + (planes[plane * count + i] ?? 0);
    value += unzigzag(residual);
    values[i] = value;
  }
}

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

function withWidth(width: number, compressed: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(compressed.length + 1);
  bytes[0] = width;
  bytes.set(compressed, 1);
  return bytes;
}
