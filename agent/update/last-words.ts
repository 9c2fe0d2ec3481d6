/** The line of what a program wrote that says most of why it ended: the error that Node names, else the last one. At most 300 characters. */
export function lastWords(text: string): string {
  const lines = text.split('\n').flatMap((line) => line.trim() || []);
  const named = lines.findLast((line) => /^(?:\w*Error\b|reeve-agent:)/.test(line));
  return (named ?? lines.at(-1) ?? '').slice(0, 300);
}
