// Adds up a report of Vitest's, and says in a few lines why each test failed, or why it needed a second try: whoever reads only the end of
// a long log has to find it there.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const MOST_LINES = 12;
const MOST_LETTERS = 1_500;

/** A message without its colours, and without the stack below the place in the test. */
function shortened(message) {
  const lines = stripVTControlCharacters(message).slice(0, MOST_LETTERS).trimEnd().split('\n');
  const frame = lines.findIndex((line) => /^\s+at /.test(line));
  const end = frame < 0 ? lines.length : frame + 1;
  return lines.slice(0, Math.min(end, MOST_LINES)).map((line) => `  ${line}`);
}

/** Why each try failed; a second one that failed alike says nothing new. */
const whyOf = (messages) => [...new Set(messages.map((message) => shortened(message).join('\n')))];

/**
 * Adds it up. A file that could not even be loaded has no tests in it: it counts as one failure.
 * @returns {{ passed: number, failed: number, skipped: number, notes: string[] }}
 */
export function countReport({ testResults }, root) {
  const sum = { passed: 0, failed: 0, skipped: 0, notes: [] };
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(root, name);
    for (const { status: result, fullName, failureMessages: messages } of assertionResults) {
      const kind = { passed: 'passed', failed: 'failed' }[result] ?? 'skipped';
      const isPlain = kind === 'passed' && messages.length === 0;
      const said = kind === 'passed' ? 'passed at its second try' : kind;
      sum[kind] += 1;
      if (!isPlain) sum.notes.push(`${said}: ${file}: ${fullName}`, ...whyOf(messages));
    }
    if (status !== 'failed' || assertionResults.some((one) => one.status === 'failed')) continue;
    sum.failed += 1;
    sum.notes.push(`failed: ${file}: outside its tests`, ...whyOf(message ? [message] : []));
  }
  return sum;
}
