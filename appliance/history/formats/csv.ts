import { seriesKey } from '../../../protocol/metrics.ts';
import type { SeriesHead } from '../../../protocol/routes/history.ts';
import { csvCell } from '../../csv.ts';
import { type Answer, inPieces } from './answer.ts';

/** The answer as CSV (RFC 4180): one line for each step with its ISO time, a column for each series and value; a gap is empty. */
export const csvPieces = (answer: Answer): AsyncGenerator<string> => inPieces(lines(answer));

async function* lines({ head, series, slices }: Answer): AsyncGenerator<string> {
  const names = new Map(head.hosts.map(({ id, name }) => [id, name]));
  const headings = series.flatMap((each) => {
    const name = each.head.hostId === undefined ? undefined : (names.get(each.head.hostId) ?? each.head.hostId);
    return head.columns.map((column) => headingOf(each.head, name, column));
  });
  yield `${['time', ...headings].map(csvCell).join(',')}\r\n`;
  const columns = series.flatMap((each) => each.columns);
  for (let step = 0; step < head.steps; step++) {
    let line = new Date(head.first + step * head.stepMs).toISOString();
    for (const column of columns) {
      const value = column[step] ?? Number.NaN;
      line += Number.isFinite(value) ? `,${value}` : ',';
    }
    yield `${line}\r\n`;
    await slices.pause();
  }
}

/** `nas01 system.cpu.utilization{cpu="0"} average [1]`. A number of rows or hosts has no unit. */
function headingOf(series: SeriesHead, host: string | undefined, column: string): string {
  const unit = series.unit && column !== 'count' && column !== 'hosts' ? ` [${series.unit}]` : '';
  return `${host === undefined ? '' : `${host} `}${seriesKey(series)} ${column}${unit}`;
}
