/**
 * A Windows executable without the signature of whoever published it: what is put into it would make that signature a wrong one, which is
 * worse than none. It lies behind everything else. Layout: "PE Format" of Microsoft, attribute certificate table.
 */
export function unsignedPe(bytes) {
  const header = bytes.readUInt32LE(0x3c);
  if (bytes.readUInt16LE(0) !== 0x5a4d || bytes.readUInt32LE(header) !== 0x4550)
    throw new Error('not a Windows executable');
  if (bytes.readUInt16LE(header + 24) !== 0x20b) throw new Error('not a 64-bit Windows executable');
  const entry = header + 24 + 112 + 4 * 8;
  const [offset, size] = [bytes.readUInt32LE(entry), bytes.readUInt32LE(entry + 4)];
  if (offset === 0) return bytes;
  if (offset + size !== bytes.length) throw new Error('its signature does not lie at its end');
  const unsigned = Buffer.from(bytes.subarray(0, offset));
  unsigned.fill(0, entry, entry + 8);
  return unsigned;
}
