import { crc32, deflateSync } from 'node:zlib';

/** A picture of at most 16 colours, a number of the palette for each pixel, row by row. */
export interface Picture {
  width: number;
  height: number;
  /** `#rrggbb` */
  palette: readonly string[];
  pixels: Uint8Array;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/**
 * The picture as PNG (W3C, third edition): indexed colours of four bits, so that a chart is half a byte a pixel before deflate. Written
 * here because all of PNG that a chart needs is this, and a native library would be megabytes for each kind of machine.
 */
export function pngOf({ width, height, palette, pixels }: Picture): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([4, 3, 0, 0, 0], 8); // Four bits, indexed, deflate, filters per row, not interlaced.
  const colours = Buffer.from(palette.map((colour) => colour.slice(1)).join(''), 'hex');
  const rowBytes = Math.ceil(width / 2);
  const rows = Buffer.alloc((rowBytes + 1) * height); // Each row begins with its filter: 0, none.
  for (let y = 0; y < height; y++) {
    const to = y * (rowBytes + 1) + 1;
    for (let x = 0; x < width; x++) {
      const colour = pixels[y * width + x] ?? 0;
      rows[to + (x >> 1)] = (rows[to + (x >> 1)] ?? 0) | (x % 2 === 0 ? colour << 4 : colour);
    }
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
