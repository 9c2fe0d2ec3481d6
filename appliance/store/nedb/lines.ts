import { createReadStream } from 'node:fs';
import type { Stored } from './inside.ts';
import { openLine, sealLine } from './line.ts';

export interface FoundLine {
  offset: number;
  length: number;
  /** Undefined when the line is damaged. */
  document: Record<string, unknown> | undefined;
}

/** Reads a sealed file line by line with where each lies, which NeDB does not tell; empty lines are left out. */
export async function* readLines(file: string): AsyncIterable<FoundLine> {
  let parts: Buffer[] = [];
  let offset = 0;
  let length = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      length += at - from;
      if (length > 0) yield { offset, length, document: parseLine(Buffer.concat(parts).toString()) };
      offset += length + 1;
      length = 0;
      parts = [];
      from = at + 1;
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
  }
  if (length > 0) yield { offset, length, document: parseLine(Buffer.concat(parts).toString()) };
}

/** The document of a sealed line, or nothing when it is damaged. */
export function parseLine(line: string): Record<string, unknown> | undefined {
  const json = openLine(line);
  if (json === undefined) return undefined;
  const document: unknown = JSON.parse(json);
  return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : undefined;
}

const BATCH_LINES = 200;

/** What nothing is left of says so in one line: an empty file would look like one whose content was lost. */
const NOTHING = JSON.stringify({ _id: '-', $$deleted: true });

/** Documents as sealed lines, some hundred at a time. */
export function* linesOf(documents: readonly Stored[]): Iterable<string[]> {
  if (documents.length === 0) yield [sealLine(NOTHING)];
  for (let from = 0; from < documents.length; from += BATCH_LINES) {
    yield documents.slice(from, from + BATCH_LINES).map((document) => sealLine(JSON.stringify(document)));
  }
}
