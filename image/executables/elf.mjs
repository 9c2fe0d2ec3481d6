/**
 * A 64-bit ELF executable without what is never loaded: symbols and the table of sections, as `strip --strip-all` and `sstrip` leave
 * them out. A quarter of Node's binary is symbols. Layout: "Tool Interface Standard, ELF", and elf(5).
 */
export function strippedElf(bytes) {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1)
    throw new Error('not a 64-bit ELF file');
  const programs = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const ends = Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = programs + index * size;
    return Number(bytes.readBigUInt64LE(at + 8) + bytes.readBigUInt64LE(at + 32));
  });
  const stripped = Buffer.from(bytes.subarray(0, Math.max(programs + ends.length * size, ...ends)));
  stripped.writeBigUInt64LE(0n, 40); // e_shoff
  stripped.writeUInt16LE(0, 60); // e_shnum
  stripped.writeUInt16LE(0, 62); // e_shstrndx
  return stripped;
}
