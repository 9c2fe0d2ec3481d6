import { crc32 } from 'node:zlib';

/**
 * Each line of a NeDB file carries its own CRC-32 as last field, `,"~":"0123abcd"}`: still one JSON document that plain NeDB reads.
 * NeDB itself has no checksum, and of 400 flipped bits 322 were loaded as silently wrong documents (findings/history.md §1).
 */
const TAIL = /^,"~":"([0-9a-f]{8})"\}$/;
const TAIL_LENGTH = ',"~":"00000000"}'.length;

/** NeDB's reader also breaks lines at these three, which `JSON.stringify` leaves as they are: the document would be lost. */
const BREAKS = /[\u0085\u2028\u2029]/g;
const escapeBreak = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** What is given to NeDB in place of a damaged line. It is no JSON, so NeDB leaves it out; a throw here would end the process. */
const UNREADABLE = 'damaged';

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/** Makes a line out of a document's JSON: unusual line breaks escaped, checksum appended. */
export function sealLine(json: string): string {
  const body = json.replace(BREAKS, escapeBreak).slice(0, -1);
  return `${body},"~":"${checksum(body)}"}`;
}

/** The JSON inside a line, or nothing when the line is damaged. */
export function openLine(line: string): string | undefined {
  const body = line.slice(0, -TAIL_LENGTH);
  const found = TAIL.exec(line.slice(-TAIL_LENGTH));
  return found?.[1] === checksum(body) ? `${body}}` : undefined;
}

/** Counts what a load found; `unsealLine` is NeDB's hook and must not throw. */
export class LineReader {
  lines = 0;
  damaged = 0;
  /** True while the line that was read last is a damaged one. */
  lastDamaged = false;

  readonly unsealLine = (line: string): string => {
    if (line === '') return UNREADABLE;
    this.lines += 1;
    const json = openLine(line);
    this.lastDamaged = json === undefined;
    if (json === undefined) this.damaged += 1;
    return json ?? UNREADABLE;
  };

  /** What was wrong, in words; `whole` = the file's last byte is a line break. */
  reason(whole: boolean): string {
    const torn = !whole && (this.damaged === 0 || this.lastDamaged);
    const lines = this.damaged - (torn && this.damaged > 0 ? 1 : 0);
    const parts: string[] = [];
    if (lines > 0) parts.push(`${lines} of ${this.lines} lines are damaged and were left out`);
    if (torn) parts.push('the last line was not finished, as after a power cut');
    return parts.join('; ');
  }
}
