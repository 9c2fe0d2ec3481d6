import { FORMULA } from '../../protocol/csv.ts';
import { msg } from '../msg.ts';
import { type Line, lastPoint, type Stretch, valueAt } from './line.ts';
import { cursorTime } from './options.ts';
import { formatQuantity, type Quantity } from './quantity.ts';

/** A chart in one sentence, for those who do not see it: what, from when to when, the range and the last value of each line. */
export function chartSummary(
  title: string,
  lines: readonly Line[],
  { from, to, quantity, isLate = false }: { from: number; to: number; quantity: Quantity; isLate?: boolean },
): string {
  const span = { from: cursorTime(from, to - from), to: cursorTime(to, to - from) };
  const each = lines.flatMap((line) => {
    const known = line.average.filter((value) => value !== null);
    const last = lastPoint(line);
    if (!last) return [];
    return msg('{label}: {last} now, between {low} and {high}', {
      label: line.label,
      last: formatQuantity(last.value, quantity),
      low: formatQuantity(Math.min(...known), quantity),
      high: formatQuantity(Math.max(...known), quantity),
    });
  });
  const what = msg('{title}, {from} to {to}', { title, ...span });
  const late = isLate ? ` ${msg('Parts of it were filled in later.')}` : '';
  return `${what}. ${each.length === 0 ? msg('No values.') : `${each.join('. ')}.`}${late}`;
}

/** Rows of the table that stands for the chart: at most `most` moments, evenly chosen, newest first. */
export function chartRows(lines: readonly Line[], most: number): { at: number; values: (number | undefined)[] }[] {
  const moments = [...new Set(lines.flatMap(({ at }) => at))].sort((a, b) => b - a);
  const every = Math.max(1, Math.ceil(moments.length / most));
  return moments
    .filter((_, index) => index % every === 0)
    .map((at) => ({ at, values: lines.map((line) => valueAt(line, at, 0)) }))
    .filter(({ values }) => values.some((value) => value !== undefined));
}

/** An apostrophe before a text that begins like a formula keeps it text. */
function quoted(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** All points as CSV (RFC 4180): ISO time, then each line, with least and most where the points stand for longer steps. */
export function chartCsv(lines: readonly Line[], unit: string): string {
  const heads = lines.flatMap(({ label, min }) => {
    const name = `${label} (${unit})`;
    return min ? [name, `${name} min`, `${name} max`] : [name];
  });
  const rows = new Map<number, (number | null)[]>();
  let column = 0;
  for (const { at, average, min, max } of lines) {
    for (const [i, moment] of at.entries()) {
      const row = rows.get(moment) ?? new Array<number | null>(heads.length).fill(null);
      row[column] = average[i] ?? null;
      if (min && max) row.splice(column + 1, 2, min[i] ?? null, max[i] ?? null);
      rows.set(moment, row);
    }
    column += min ? 3 : 1;
  }
  const lineOf = ([at, row]: [number, (number | null)[]]) => [
    new Date(at).toISOString(),
    ...row.map((value) => value ?? ''),
  ];
  const body = [...rows].sort(([a], [b]) => a - b).map((entry) => lineOf(entry).join(','));
  return [['time', ...heads].map(quoted).join(','), ...body, ''].join('\r\n');
}

/** The stretch that a moment lies in. */
export const stretchAt = (stretches: readonly Stretch[], at: number): Stretch | undefined =>
  stretches.find(({ from, to }) => at >= from && at <= to);
