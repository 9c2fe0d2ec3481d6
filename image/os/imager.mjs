// An entry for the list of Raspberry Pi Imager. Format: https://github.com/raspberrypi/rpi-imager, doc/json-schema/os-list-schema.json.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from './disk.mjs';

/** By Imager's own words for machines; "pi3-64bit" has the Zero 2 W too. */
const DEVICES = ['pi5-64bit', 'pi4-64bit', 'pi3-64bit'];

/** Bytes of what an .xz holds unpacked, from the index at its end: https://tukaani.org/xz/xz-file-format.txt, 4. */
export function unpackedSize(file) {
  const end = 64 * 1024;
  const { size } = statSync(file);
  const tail = Buffer.alloc(Math.min(end, size));
  const handle = openSync(file, 'r');
  readSync(handle, tail, 0, tail.length, size - tail.length);
  closeSync(handle);
  const footer = tail.subarray(-12);
  if (footer.toString('latin1', 10) !== 'YZ') throw new Error(`${file} is not an xz file`);
  const index = tail.subarray(tail.length - 12 - (footer.readUInt32LE(4) + 1) * 4);
  let at = 1;
  const number = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = index[at++];
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  let sum = 0;
  for (let count = number(); count > 0; count -= 1) {
    number();
    sum += number();
  }
  return sum;
}

/**
 * The text of an `os_list.json` with the `images` in `folder` (name of the file, and what it is called): what Imager takes as a list of one's own.
 * `base`: the address of the folder that they will be fetched from; without one they are named by their files, beside the list.
 */
export function imagerList({ folder, images, takenAt, base = '' }) {
  const entries = images.map(({ name, called }) => {
    const packed = join(folder, `${name}.img.xz`);
    return {
      name: called,
      description: 'Watches the machines of your network. For Raspberry Pi 3, 4, 5 and Zero 2 W (64-bit)',
      icon: `${base}reeve.svg`,
      url: `${base}${name}.img.xz`,
      extract_size: unpackedSize(packed),
      extract_sha256: sha256Of(join(folder, `${name}.raw`)),
      image_download_size: statSync(packed).size,
      image_download_sha256: sha256Of(packed),
      release_date: new Date(takenAt * 1000).toISOString().slice(0, 10),
      init_format: 'cloudinit',
      devices: DEVICES,
      architecture: 'armv8',
    };
  });
  return `${JSON.stringify({ os_list: entries }, null, 2)}\n`;
}
