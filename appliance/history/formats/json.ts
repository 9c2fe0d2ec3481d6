import { type Answer, inPieces } from './answer.ts';

/** The answer as one JSON document, `historyAnswer` of the protocol, piece by piece. */
export const jsonPieces = (answer: Answer): AsyncGenerator<string> => inPieces(texts(answer));

async function* texts({ head, series, slices }: Answer): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"series":[`;
  for (const [index, each] of series.entries()) {
    yield (index === 0 ? '' : ',') + JSON.stringify(each.head).slice(0, -1);
    for (const [at, column] of each.columns.entries()) {
      yield `,"${head.columns[at]}":[${numbers(column)}]`;
      await slices.pause();
    }
    yield '}';
  }
  yield ']}';
}

function numbers(column: Float64Array): string {
  let text = '';
  for (let step = 0; step < column.length; step++) {
    const value = column[step] ?? Number.NaN;
    text += (step === 0 ? '' : ',') + (Number.isFinite(value) ? value : 'null');
  }
  return text;
}
