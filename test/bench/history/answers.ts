import { historyAnswer } from '../../../protocol/routes/history.ts';
import { decodeHistory } from '../../../web-components/charts/history-bytes.ts';
import type { Asked } from './ask.ts';
import { fetchBody } from './ask.ts';
import { averagesOf, columnsOf, hostOf, METRICS, type Month } from './month.ts';
import { fromOf, grainOf, hostIdsOf, keyOf, type Question } from './questions.ts';

/** How far an answer may be from what the data set says: a share of the value, and a part of the least step that its values make. */
export interface Tolerance {
  share: number;
  grain: number;
}

/** How many times the tolerance an answer is off where it is worst; Infinity when a value is missing or too many. */
export function farthest(
  answer: ReadonlyMap<string, readonly number[]>,
  truth: ReadonlyMap<string, readonly number[]>,
  { share, grain }: Tolerance,
): number {
  if (answer.size !== truth.size) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [key, expected] of truth) {
    const found = answer.get(key);
    if (found?.length !== expected.length) return Number.POSITIVE_INFINITY;
    const least = grain * grainOf(key);
    for (const [step, value] of expected.entries()) {
      const off = Math.abs((found[step] ?? Number.NaN) - value) / (share * Math.max(Math.abs(value), 1e-3) + least);
      if (!(off <= most)) most = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    }
  }
  return most;
}

/** What the data set itself says to a question. */
export function truthOf(question: Question, month: Month): Map<string, number[]> {
  const from = fromOf(question, month);
  const truth = new Map<string, number[]>();
  for (const machine of question.machines) {
    const columns = columnsOf(machine, month);
    for (const metric of question.metrics) {
      const column = columns[METRICS.indexOf(metric)] ?? new Float64Array();
      truth.set(keyOf(metric, hostOf(machine)), averagesOf(column, month, { from, stepMs: question.stepMs }));
    }
  }
  return truth;
}

/** Reeve's question: one request, in numbers where many hosts are read. */
export function reeveUrls(base: string, question: Question, month: Month): string[] {
  const { metrics, rangeMs, stepMs, machines } = question;
  const query = new URLSearchParams({
    hosts: hostIdsOf(question).join(','),
    from: String(fromOf(question, month)),
    to: String(month.to),
    metrics: metrics.join(','),
    values: 'average',
    maxPoints: String(rangeMs / stepMs),
    format: machines.length > 1 ? 'binary' : 'json',
  });
  return [`${base}/api/v1/history?${query}`];
}

export async function readReeve(urls: readonly string[], asked: Asked): Promise<Map<string, number[]>> {
  const read = new Map<string, number[]>();
  for (const url of urls) {
    const body = await fetchBody(url, asked);
    if (url.includes('format=binary')) {
      const { series } = decodeHistory(Uint8Array.from(body).buffer);
      for (const { metric, hostId = '', numbers } of series)
        read.set(keyOf(metric, hostId), Array.from(numbers[0] ?? []));
    } else {
      const { series } = historyAnswer.parse(JSON.parse(body.toString()));
      for (const { metric, hostId = '', average = [] } of series)
        read.set(
          keyOf(metric, hostId),
          average.map((value) => value ?? Number.NaN),
        );
    }
  }
  return read;
}
