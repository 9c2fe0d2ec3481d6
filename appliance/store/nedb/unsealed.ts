import { sealLine } from './line.ts';
import { readLines } from './lines.ts';

/** A text as `seal.ts` makes it. */
const SEALED = /^v1\.[\w-]{16}\.[\w-]{22}\.[\w-]*$/;

/** The lines of a documents file without anything sealed in them: such fields are gone, as if they had never been set. */
export async function* linesWithoutSealed(file: string): AsyncGenerator<Uint8Array> {
  for await (const { document } of readLines(file)) {
    if (!document) continue;
    yield Buffer.from(`${sealLine(JSON.stringify(without(document)))}\n`);
  }
}

const isSealed = (value: unknown): boolean =>
  (typeof value === 'string' && SEALED.test(value)) ||
  (typeof value === 'object' && value !== null && 'sealed' in value && typeof value.sealed === 'string');

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => !isSealed(each)).map(without);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (isSealed(field) ? [] : [[name, without(field)]])),
  );
}
