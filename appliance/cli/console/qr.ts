import { encode } from 'uqr';

/** Quiet ground around the code: four modules by its standard (ISO/IEC 18004); two are read by every phone where there is no room. */
const QUIET = [4, 2] as const;

/** Black on white whatever the terminal's own colours are: a code that is light on dark is not read by all. */
const INK = '\u001b[30;47m';
const PLAIN = '\u001b[0m';

/** A code in lines of half blocks, two modules in a character. */
export interface QrLines {
  /** Each with its colours. */
  lines: string[];
  /** In characters. */
  width: number;
}

/** A text as a QR code that fits into so many characters and lines; undefined when none does. */
export function qrLines(text: string, { columns, rows }: { columns: number; rows: number }): QrLines | undefined {
  for (const border of QUIET) {
    const { data, size } = encode(text, { ecc: 'L', border });
    if (size > columns || Math.ceil(size / 2) > rows) continue;
    const lines = Array.from({ length: Math.ceil(size / 2) }, (_, n) =>
      lineOf(data[2 * n] ?? [], data[2 * n + 1] ?? []),
    );
    return { lines: lines.map((line) => `${INK}${line}${PLAIN}`), width: size };
  }
  return undefined;
}

const lineOf = (upper: readonly boolean[], lower: readonly boolean[]): string =>
  upper.map((isDark, x) => (isDark ? (lower[x] ? '█' : '▀') : lower[x] ? '▄' : ' ')).join('');
