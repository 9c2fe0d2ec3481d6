import type { HistoryHead, SeriesHead } from '../../../protocol/routes/history.ts';
import type { Slices } from '../slices.ts';

/** An answer of history before it has a form. Columns stand as `head.columns` says, NaN is a gap. */
export interface Answer {
  head: HistoryHead;
  series: readonly { head: SeriesHead; columns: readonly Float64Array[] }[];
  /** Paused at while the form is made. */
  slices: Slices;
}

const PIECE_CHARACTERS = 64 * 1024;

/** Joins small texts to pieces that are worth a write each. */
export async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
