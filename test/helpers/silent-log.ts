/** A log that keeps what it is told, for tests that ask whether something was said. */
export function keepingLog(): { lines: string[]; info: Write; warn: Write; error: Write } {
  const lines: string[] = [];
  const write: Write = (fields, text) => void lines.push(`${text} ${JSON.stringify(fields)}`);
  return { lines, info: write, warn: write, error: write };
}
type Write = (fields: object, text: string) => void;
