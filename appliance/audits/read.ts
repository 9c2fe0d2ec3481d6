import { END_SECTION, markOf } from '../../protocol/audit-script.ts';

/** Lines of each section; what is not of this audit's nonce is text like any other. */
export type Sections = ReadonlyMap<string, readonly string[]>;

const LONGEST_LINE = 4_096;
const MOST_LINES = 20_000;

// Escape sequences whole, then whatever else a terminal or a log could trip over.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPES = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g;
/** What nearly every line is: nothing in it could trouble anybody. */
const PLAIN = /^[\x20-\x7e]*$/;
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text of a host as it may be stored and shown: no control, direction or invisible characters. */
export const clean = (text: string): string =>
  PLAIN.test(text) ? text : text.replaceAll('\t', ' ').replace(ESCAPES, '').replace(CONTROLS, '\ufffd');

/** The sections in an output. `isWhole`: it came to its end. */
export function readSections(output: Buffer, nonce: string): { sections: Sections; isWhole: boolean } {
  const start = markOf(nonce, '');
  const sections = new Map<string, string[]>();
  let lines: string[] | undefined;
  for (const line of output.toString('utf8').split('\n')) {
    if (line.startsWith(start)) {
      lines = [];
      sections.set(line.slice(start.length).trim(), lines);
    } else if (lines && lines.length < MOST_LINES) {
      const text = clean(line.slice(0, LONGEST_LINE)).trimEnd();
      if (text !== '') lines.push(text);
    }
  }
  return { sections, isWhole: sections.delete(END_SECTION) };
}

/** Hears an output piece by piece, and says which section has begun. */
export class Progress {
  readonly #start: string;
  readonly #tell: (section: string) => void;
  #rest = '';

  constructor(nonce: string, tell: (section: string) => void) {
    this.#start = markOf(nonce, '');
    this.#tell = tell;
  }

  readonly take = (piece: Buffer): void => {
    const lines = (this.#rest + piece.toString('latin1')).split('\n');
    // A line without end is no mark: nothing of it need be kept.
    this.#rest = (lines.pop() ?? '').slice(0, 200);
    for (const line of lines) if (line.startsWith(this.#start)) this.#tell(line.slice(this.#start.length).trim());
  };
}
