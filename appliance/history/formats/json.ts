import type { Answer } from './answer.ts';
import { TextBytes } from './text-bytes.ts';

const PIECE_BYTES = 64 * 1024;

/** The answer as one JSON document, `historyAnswer` of the protocol, piece by piece. */
export async function* jsonPieces({ head, series, slices }: Answer): AsyncGenerator<Uint8Array> {
  const out = new TextBytes();
  out.text(`${JSON.stringify(head).slice(0, -1)},"series":[`);
  for (const [index, each] of series.entries()) {
    out.text((index === 0 ? '' : ',') + JSON.stringify(each.head).slice(0, -1));
    for (const [at, column] of each.columns.entries()) {
      out.text(`,"${head.columns[at]}":[`);
      out.numbers(column);
      out.text(']');
      await slices.pause();
      if (out.length >= PIECE_BYTES) yield out.take();
    }
    out.text('}');
  }
  out.text(']}');
  yield out.take();
}
