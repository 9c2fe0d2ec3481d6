import * as zlib from 'node:zlib';

/** Unpacks what zstd packed with that raw dictionary; fails where it is damaged, or more than `most` bytes. */
export type Unzstd = (packed: Buffer, dictionary: Buffer, most: number) => Promise<Buffer>;

/** With dictionaries: Node 22.19, 24.6 and newer. */
type ZstdDecompress = (
  packed: Buffer,
  options: { dictionary?: Buffer; maxOutputLength: number; chunkSize: number },
  done: (error: Error | null, bytes: Buffer) => void,
) => void;

/** By Node itself, off the main thread; fails on one that is too old. */
export const unzstd: Unzstd = (packed, dictionary, most) => {
  const known = (zlib as { zstdDecompress?: ZstdDecompress }).zstdDecompress;
  if (!known) throw new Error('it can only be unpacked by Node 22.19 or newer, which the image has');
  // In one piece, which would else be put together of many, and be in memory twice.
  const options = { maxOutputLength: most, chunkSize: most + 64, ...(dictionary.length > 0 && { dictionary }) };
  return new Promise((done, failed) => known(packed, options, (error, bytes) => (error ? failed(error) : done(bytes))));
};
