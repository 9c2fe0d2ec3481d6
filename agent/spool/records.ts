import { crc32 } from 'node:zlib';

/** Begins every record. 0xFF is in no UTF-8 text, so that a record is found again behind damage. */
const MARK = Buffer.from([0xff, 0x72, 0x76, 0x31]);
/** Mark, length of the text, CRC-32 of the text; both unsigned, big-endian. */
const HEAD_BYTES = MARK.length + 8;
/** The declaration of 2,000 series with long labels is below this. */
const LONGEST_TEXT = 4 * 1024 * 1024;

/** One text as it lies on disk, so that a torn or changed one is noticed. */
export function encodeRecord(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(HEAD_BYTES);
  MARK.copy(head);
  head.writeUInt32BE(body.length, MARK.length);
  head.writeUInt32BE(crc32(body), MARK.length + 4);
  return Buffer.concat([head, body]);
}

/** What lies in a file, in order: texts that are whole, and places where something is not. */
export type Scanned = { kind: 'text'; text: string } | { kind: 'damage' };

/** Reads records; what does not match its CRC is passed over up to the next that does. Never throws. */
export function scanRecords(bytes: Buffer): Scanned[] {
  const found: Scanned[] = [];
  let position = 0;
  while (position < bytes.length) {
    const body = bodyAt(bytes, position);
    if (body) {
      found.push({ kind: 'text', text: body.toString('utf8') });
      position += HEAD_BYTES + body.length;
      continue;
    }
    if (found.at(-1)?.kind !== 'damage') found.push({ kind: 'damage' });
    const next = bytes.indexOf(MARK, position + 1);
    position = next < 0 ? bytes.length : next;
  }
  return found;
}

function bodyAt(bytes: Buffer, position: number): Buffer | undefined {
  const start = position + HEAD_BYTES;
  if (start > bytes.length || !bytes.subarray(position, position + MARK.length).equals(MARK)) return undefined;
  const length = bytes.readUInt32BE(position + MARK.length);
  if (length > LONGEST_TEXT || start + length > bytes.length) return undefined;
  const body = bytes.subarray(start, start + length);
  return crc32(body) === bytes.readUInt32BE(position + MARK.length + 4) ? body : undefined;
}
