// Ad-hoc signing of Mach-O executables, without which an Apple processor runs none. The form is what Apple's linker writes: one code
// directory with a SHA-256 for each page, without certificate. Structures: <mach-o/loader.h> and xnu's osfmk/kern/cs_blobs.h.
import { createHash } from 'node:crypto';

const MAGIC = 0xfeedfacf;
const SEGMENT_64 = 0x19;
const CODE_SIGNATURE = 0x1d;
const HEADER = 32;
const PAGE = 4096;
const SUPER_BLOB = { magic: 0xfade0cc0, size: 20 };
const DIRECTORY = { magic: 0xfade0c02, size: 88, version: 0x20400, adHocByLinker: 0x20002 };
const MAIN_BINARY = 1n;
const HASH = { size: 32, sha256: 2 };

const roundUp = (value, to) => Math.ceil(value / to) * to;

/** Load commands: kind, place and length of each. */
function commandsOf(bytes) {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new Error('not a 64-bit Mach-O file');
  const commands = [];
  for (let at = HEADER, left = bytes.readUInt32LE(16); left > 0; left -= 1) {
    const [kind, length] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    commands.push({ kind, at, length });
    at += length;
  }
  return commands;
}

function segment(bytes, name) {
  const found = commandsOf(bytes).find(
    ({ kind, at }) => kind === SEGMENT_64 && bytes.toString('latin1', at + 8, at + 24).replace(/\0.*$/s, '') === name,
  );
  if (!found) throw new Error(`there is no segment ${name}`);
  const [offset, size] = [Number(bytes.readBigUInt64LE(found.at + 40)), Number(bytes.readBigUInt64LE(found.at + 48))];
  return { at: found.at, offset, size };
}

/** Where the first section lies: load commands have to end before. */
function firstSection(bytes) {
  const offsets = commandsOf(bytes)
    .filter(({ kind }) => kind === SEGMENT_64)
    .flatMap(({ at }) =>
      Array.from({ length: bytes.readUInt32LE(at + 64) }, (_, n) => bytes.readUInt32LE(at + 72 + n * 80 + 48)),
    );
  return Math.min(...offsets.filter((offset) => offset > 0));
}

/** The command that says where the signature lies, behind all others; the last segment is made to hold it. */
function addCommand(bytes, { offset, size }) {
  const commands = commandsOf(bytes);
  if (commands.some(({ kind }) => kind === CODE_SIGNATURE)) throw new Error('it is signed already');
  const last = commands.at(-1);
  const at = last.at + last.length;
  if (at + 16 > firstSection(bytes)) throw new Error('there is no room for the command of a signature');
  for (const [index, word] of [CODE_SIGNATURE, 16, offset, size].entries()) bytes.writeUInt32LE(word, at + index * 4);
  bytes.writeUInt32LE(commands.length + 1, 16);
  bytes.writeUInt32LE(bytes.readUInt32LE(20) + 16, 20);
  const edit = segment(bytes, '__LINKEDIT');
  const length = offset + size - edit.offset;
  bytes.writeBigUInt64LE(BigInt(roundUp(length, 4 * PAGE)), edit.at + 32);
  bytes.writeBigUInt64LE(BigInt(length), edit.at + 48);
}

/** The signature of everything before `limit`. */
function signatureOf(bytes, { limit, identifier, size }) {
  const signature = Buffer.alloc(size);
  const pages = Math.ceil(limit / PAGE);
  const identifierAt = DIRECTORY.size;
  const hashesAt = identifierAt + identifier.length + 1;
  const text = segment(bytes, '__TEXT');
  const directory = hashesAt + pages * HASH.size;
  const words = (at, values) => {
    for (const [index, value] of values.entries()) signature.writeUInt32BE(value, at + index * 4);
  };
  words(0, [SUPER_BLOB.magic, SUPER_BLOB.size + directory, 1, 0, SUPER_BLOB.size]);
  const body = signature.subarray(SUPER_BLOB.size);
  words(SUPER_BLOB.size, [DIRECTORY.magic, directory, DIRECTORY.version, DIRECTORY.adHocByLinker]);
  words(SUPER_BLOB.size + 16, [hashesAt, identifierAt, 0, pages, limit]);
  body.set([HASH.size, HASH.sha256, 0, Math.log2(PAGE)], 36);
  body.writeBigUInt64BE(BigInt(text.offset), 64);
  body.writeBigUInt64BE(BigInt(text.size), 72);
  body.writeBigUInt64BE(MAIN_BINARY, 80);
  body.write(identifier, identifierAt, 'latin1');
  for (let page = 0; page < pages; page += 1) {
    const part = bytes.subarray(page * PAGE, Math.min((page + 1) * PAGE, limit));
    body.set(createHash('sha256').update(part).digest(), hashesAt + page * HASH.size);
  }
  return signature;
}

/** The executable with an ad-hoc signature under `identifier`; it must have none. */
export function signedMachO(bytes, identifier) {
  const limit = roundUp(bytes.length, 16);
  const pages = Math.ceil(limit / PAGE);
  const size = roundUp(SUPER_BLOB.size + DIRECTORY.size + identifier.length + 1 + pages * HASH.size, 16);
  const signed = Buffer.alloc(limit + size);
  bytes.copy(signed);
  addCommand(signed, { offset: limit, size });
  signatureOf(signed, { limit, identifier, size }).copy(signed, limit);
  return signed;
}
