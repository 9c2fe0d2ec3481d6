import { crc32 } from 'node:zlib';

/** What is wrong with an export file, and in which line; lines count from 1. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  readonly code = 'transfer';
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

/** The largest line that is read; the largest that is written is below a tenth of it. */
const MOST_LINE_BYTES = 64 * 1024 * 1024;
const TAIL = /^,"crc":"([0-9a-f]{8})"\}$/;
const TAIL_BYTES = ',"crc":"00000000"}'.length;
const LINE_BREAK = 0x0a;

/** A JSON object as a line that carries the CRC-32 of all its bytes before the field `crc`. */
export function sealedLine(json: string): string {
  const body = json.slice(0, -1);
  return `${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}\n`;
}

export interface ReadLine {
  line: number;
  value: unknown;
}

/** The lines of a file, each checked. Fails with `TransferError` at the first one that is not as it was written. */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncIterable<ReadLine> {
  let line = 0;
  for await (const bytes of splitLines(source)) {
    line += 1;
    yield { line, value: open(bytes, line) };
  }
}

function open(bytes: Buffer, line: number): unknown {
  const body = bytes.subarray(0, Math.max(0, bytes.length - TAIL_BYTES));
  const found = TAIL.exec(bytes.subarray(body.length).toString('latin1'))?.[1];
  if (found === undefined)
    throw new TransferError(line, 'it does not end with a checksum: the file was cut or is none of an export');
  if (Number.parseInt(found, 16) !== crc32(body))
    throw new TransferError(line, 'its checksum is wrong: the file is damaged');
  try {
    return JSON.parse(`${body.toString()}}`);
  } catch {
    throw new TransferError(line, 'it is not JSON');
  }
}

async function* splitLines(source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  let lines = 0;
  for await (const bytes of source) {
    let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = rest.indexOf(LINE_BREAK); at >= 0; at = rest.indexOf(LINE_BREAK)) {
      yield Buffer.concat([...parts, rest.subarray(0, at)]);
      lines += 1;
      [parts, size, rest] = [[], 0, rest.subarray(at + 1)];
    }
    if (rest.length > 0) parts.push(Buffer.from(rest));
    size += rest.length;
    if (size > MOST_LINE_BYTES) throw new TransferError(lines + 1, `it is longer than ${MOST_LINE_BYTES} bytes`);
  }
  if (size > 0) yield Buffer.concat(parts);
}
