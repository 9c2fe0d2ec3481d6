import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { imagerList, unpackedSize } from '../../image/os/imager.mjs';
import { makeDirectory } from '../helpers/directories.ts';

const size = z.int().positive();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** What Imager's own schema requires (doc/json-schema/os-list-schema.json of rpi-imager), with the types that it gives, and what its own list has beside that. */
const list = z.strictObject({
  os_list: z.tuple([
    z.strictObject({
      ...{
        name: z.string().min(1),
        description: z.string().min(1),
        icon: z.string().min(1),
        url: z.string().endsWith('.xz'),
      },
      ...{ extract_size: size, extract_sha256: sha256, image_download_size: size, image_download_sha256: sha256 },
      ...{ release_date: z.iso.date(), init_format: z.literal('cloudinit'), architecture: z.literal('armv8') },
      devices: z.array(z.string().regex(/^pi\d-64bit$/)),
    }),
  ]),
});

function packed(bytes: Buffer, ...words: string[]) {
  const folder = makeDirectory();
  writeFileSync(path.join(folder, 'one.raw'), bytes);
  const file = path.join(folder, 'one.img.xz');
  writeFileSync(file, execFileSync('xz', ['--stdout', ...words, path.join(folder, 'one.raw')]));
  return { folder, file };
}

test('the entry for Raspberry Pi Imager says what the image is, packed and unpacked', () => {
  const image = Buffer.alloc(3_000_001, 'reeve');
  const { folder, file } = packed(image);
  const told = list.parse(
    JSON.parse(
      imagerList({
        ...{ folder, takenAt: 1_700_000_000, base: 'https://example.org/' },
        images: [{ name: 'one', called: 'Reeve' }],
      }),
    ),
  );
  const [entry] = told.os_list;
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(entry).toMatchObject({
    name: 'Reeve',
    url: 'https://example.org/one.img.xz',
    extract_size: image.length,
    extract_sha256: hash(image),
    image_download_size: readFileSync(file).length,
    image_download_sha256: hash(readFileSync(file)),
    release_date: '2023-11-14',
  });
  expect(list.safeParse({ os_list: [{ ...entry, extract_size: '1' }] }).success).toBe(false);
});

test('how large an image is unpacked is read at the end of it, from as many blocks as there are', () => {
  const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * index) % 251));
  expect(unpackedSize(packed(bytes).file)).toBe(bytes.length);
  expect(unpackedSize(packed(bytes, '--block-size=65536').file)).toBe(bytes.length);
  const { folder } = packed(bytes);
  expect(() => unpackedSize(path.join(folder, 'one.raw'))).toThrow('is not an xz file');
});
