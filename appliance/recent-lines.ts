/** One line of the log as it was written, with the number under which it is found. */
export interface KeptLine {
  n: number;
  text: string;
}

const LONGEST_LINE = 8_000;

/** The last lines of the log, in memory that is bounded in lines and in characters; a destination of pino. */
export class RecentLines {
  readonly #lines: KeptLine[] = [];
  readonly #most: { lines: number; characters: number };
  #characters = 0;
  #next = 1;

  constructor(most = { lines: 5_000, characters: 2_000_000 }) {
    this.#most = most;
  }

  readonly write = (line: string): void => {
    const text = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line.trimEnd();
    this.#lines.push({ n: this.#next++, text });
    this.#characters += text.length;
    const over = () => this.#lines.length > this.#most.lines || this.#characters > this.#most.characters;
    while (over()) this.#characters -= this.#lines.shift()?.text.length ?? 0;
  };

  /** Lines after number `after`, oldest first. */
  since(after: number): readonly KeptLine[] {
    const first = this.#lines[0]?.n ?? 0;
    return this.#lines.slice(Math.max(0, after + 1 - first));
  }
}
