import { crc32, inflateSync } from 'node:zlib';

export interface Decoded {
  width: number;
  height: number;
  /** `#rrggbb` */
  at(x: number, y: number): string;
}

/** Reads an indexed PNG without filters, checking every length and checksum; fails on anything else. */
export function decodePng(png: Uint8Array): Decoded {
  const bytes = Buffer.from(png);
  if (bytes.subarray(0, 8).toString('hex') !== '89504e470d0a1a0a') throw new Error('not a PNG');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const named = bytes.subarray(at + 4, at + 8 + length);
    if (bytes.readUInt32BE(at + 8 + length) !== crc32(named)) throw new Error('a checksum is wrong');
    chunks.set(named.subarray(0, 4).toString('latin1'), named.subarray(4));
    at += length + 12;
  }
  const [head, palette, data] = [chunks.get('IHDR'), chunks.get('PLTE'), chunks.get('IDAT')];
  if (!head || !palette || !data || !chunks.has('IEND')) throw new Error('a part is missing');
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  if (head.subarray(8).toString('hex') !== '0403000000') throw new Error('another kind of PNG');
  const rowBytes = Math.ceil(width / 2) + 1;
  const rows = inflateSync(data);
  if (rows.length !== rowBytes * height) throw new Error('rows are missing');
  const at = (x: number, y: number): string => {
    if (rows[y * rowBytes] !== 0) throw new Error('a filter');
    const pair = rows[y * rowBytes + 1 + (x >> 1)] ?? 0;
    const colour = x % 2 === 0 ? pair >> 4 : pair & 15;
    return `#${palette.subarray(colour * 3, colour * 3 + 3).toString('hex')}`;
  };
  return { width, height, at };
}
