import { createHash } from 'node:crypto';

/** One part of a segment, as it lies in the file. */
interface Section {
  segment: string;
  name: string;
  offset: number;
  size: number;
}

/** What a 64-bit Mach-O file says of itself. */
export interface MachO {
  isArm: boolean;
  sections: Section[];
  /** Last byte of the last segment, and of the file. */
  ends: [segments: number, file: number];
  /** Undefined: not signed. `wrong` counts pages that are not as the signature says. */
  signature: { identifier: string; isAdHoc: boolean; pages: number; wrong: number } | undefined;
}

const nameAt = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 16).replace(/\0.*$/s, '');

/** Reads a file and checks its signature's hashes, independent of what signs: it is tried on files that Apple's tools have signed. */
export function readMachO(bytes: Buffer): MachO {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) throw new Error('not a 64-bit Mach-O file');
  const sections: Section[] = [];
  let [end, signature]: [number, MachO['signature']] = [0, undefined];
  let at = 32;
  for (let left = bytes.readUInt32LE(16); left > 0; left -= 1) {
    const command = bytes.readUInt32LE(at);
    if (command === 0x19) {
      end = Math.max(end, Number(bytes.readBigUInt64LE(at + 40) + bytes.readBigUInt64LE(at + 48)));
      for (let index = 0; index < bytes.readUInt32LE(at + 64); index += 1) {
        const one = at + 72 + index * 80;
        const [offset, size] = [bytes.readUInt32LE(one + 48), Number(bytes.readBigUInt64LE(one + 40))];
        sections.push({ segment: nameAt(bytes, one + 16), name: nameAt(bytes, one), offset, size });
      }
    }
    if (command === 0x1d) signature = readSignature(bytes, bytes.readUInt32LE(at + 8));
    at += bytes.readUInt32LE(at + 4);
  }
  return { isArm: bytes.readUInt32LE(4) === 0x0100000c, sections, ends: [end, bytes.length], signature };
}

function readSignature(bytes: Buffer, at: number): MachO['signature'] {
  const directory = bytes.subarray(at + bytes.readUInt32BE(at + 16));
  if (directory.readUInt32BE(0) !== 0xfade0c02) throw new Error('the signature has no code directory');
  const [hashesAt, nameStart] = [directory.readUInt32BE(16), directory.readUInt32BE(20)];
  const [pages, limit] = [directory.readUInt32BE(28), directory.readUInt32BE(32)];
  const pageSize = 2 ** directory.readUInt8(39);
  let wrong = 0;
  for (let page = 0; page < pages; page += 1) {
    const part = bytes.subarray(page * pageSize, Math.min((page + 1) * pageSize, limit));
    const promised = directory.subarray(hashesAt + page * 32, hashesAt + (page + 1) * 32);
    if (!createHash('sha256').update(part).digest().equals(promised)) wrong += 1;
  }
  const identifier = directory.toString('latin1', nameStart, directory.indexOf(0, nameStart));
  return { identifier, isAdHoc: (directory.readUInt32BE(12) & 2) !== 0, pages, wrong };
}
