import type { Answer } from './answer.ts';
import { TextBytes } from './text-bytes.ts';

const PIECE_BYTES = 64 * 1024;
/** So many numbers are written in a millisecond or two, a fraction of a slice. */
const FEW_NUMBERS = 16_384;
const FEW_SERIES = 200;

/** Whether an answer is written at once without holding anybody up. */
export const isSmall = ({ head, series }: Answer): boolean =>
  series.length <= FEW_SERIES && series.length * head.columns.length * head.steps <= FEW_NUMBERS;

/** A small answer as one JSON document, in the memory of `out`: good until that is cleared. */
export function jsonOf({ head, series }: Answer, out: TextBytes): Uint8Array {
  out.text(opening(head));
  for (const [index, each] of series.entries()) {
    out.text(openingOf(each.head, index));
    for (let at = 0; at < each.columns.length; at++) writeColumn(out, `${head.columns[at]}`, each.columns[at] ?? NONE);
    out.text('}');
  }
  out.text(']}');
  return out.written();
}

/** The answer as one JSON document, `historyAnswer` of the protocol, piece by piece. */
export async function* jsonPieces({ head, series, slices }: Answer): AsyncGenerator<Uint8Array> {
  const out = new TextBytes();
  out.text(opening(head));
  for (const [index, each] of series.entries()) {
    out.text(openingOf(each.head, index));
    for (const [at, column] of each.columns.entries()) {
      writeColumn(out, `${head.columns[at]}`, column);
      await slices.pause();
      if (out.length >= PIECE_BYTES) yield out.take();
    }
    out.text('}');
  }
  out.text(']}');
  yield out.take();
}

const NONE = new Float64Array();

const opening = (head: Answer['head']): string => `${JSON.stringify(head).slice(0, -1)},"series":[`;

const openingOf = (head: Answer['series'][number]['head'], index: number): string =>
  (index === 0 ? '' : ',') + JSON.stringify(head).slice(0, -1);

function writeColumn(out: TextBytes, name: string, numbers: Float64Array): void {
  out.text(`,"${name}":[`);
  out.numbers(numbers);
  out.text(']');
}
