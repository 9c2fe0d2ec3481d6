import type { HistoryQuery, HistoryResult } from '../../history/history.ts';
import { showValue } from '../../show-value.ts';
import { type ChartSubject, type Message, timeText } from '../message.ts';
import { type ChartData, chartOf, type Point } from './draw.ts';

export interface ChartParts {
  query(query: HistoryQuery): Promise<HistoryResult>;
  /** Title of a metric in a site. */
  titleOf(siteId: string, metric: string): string | undefined;
}

export type Chart = NonNullable<Message['chart']>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 30 * DAY_MS;
const MOST_POINTS = 300;
/** Fewer say nothing that the text does not. */
const FEWEST_POINTS = 2;
const GAP_INTERVALS = 2.5;

/** From when to when: twice as long before the breach as the breach itself, an hour at least; for what grows slowly a week. */
export function windowOf({ sinceAt, at, isSlow }: ChartSubject): { from: number; to: number } {
  const before = Math.max(isSlow ? 7 * DAY_MS : HOUR_MS, 2 * (at - sinceAt));
  return { from: Math.max(sinceAt - before, at - LONGEST_MS), to: at + 1 };
}

/** The chart of a message and its words; undefined where history has too little of it. Fails as the query does. */
export async function pictureOf(
  { siteId, message, signal }: { siteId: string; message: Message; signal: AbortSignal },
  { query, titleOf }: ChartParts,
): Promise<Chart | undefined> {
  const { chartOf: subject, timeZone } = message;
  if (!subject) return undefined;
  const { hostId, metric } = subject;
  const window = windowOf(subject);
  const selectors = [{ text: metric, metric, attributes: [] }];
  const found = await query({ hostIds: [hostId], ...window, selectors, maxPoints: MOST_POINTS, signal });
  const points = pointsOf(found, subject);
  if (points.length < FEWEST_POINTS) return undefined;
  const data: ChartData = {
    ...window,
    points,
    gapMs: GAP_INTERVALS * Math.max(found.stepMs, found.hosts[0]?.intervalMs ?? 0),
    unit: subject.unit ?? '',
    ...(subject.threshold !== undefined && { threshold: subject.threshold }),
    breach: { from: subject.sinceAt, to: subject.at },
    timeZone,
  };
  return {
    png: chartOf(data),
    alt: wordsOf(data, { title: titleOf(siteId, metric) ?? metric, isOver: message.state === 'resolved' }),
  };
}

function pointsOf({ series, columns, first, stepMs }: HistoryResult, { metric, attributes }: ChartSubject): Point[] {
  const wanted = Object.entries(attributes);
  const mine = series.find(
    (each) => each.metric === metric && wanted.every(([name, value]) => each.attributes[name] === value),
  );
  if (!mine) return [];
  const [average, min, max] = (['average', 'min', 'max'] as const).map((name) => mine.columns[columns.indexOf(name)]);
  return Array.from(average ?? []).flatMap((value, step) =>
    Number.isFinite(value)
      ? [{ at: first + step * stepMs, value, least: min?.[step] ?? value, most: max?.[step] ?? value }]
      : [],
  );
}

/** What the picture shows, for who does not see it. */
export function wordsOf(
  { points, from, to, unit, threshold, breach, gapMs, timeZone }: ChartData,
  { title, isOver }: { title: string; isOver: boolean },
): string {
  const show = (value: number): string => showValue(value, unit);
  const least = Math.min(...points.map((each) => each.least));
  const most = Math.max(...points.map((each) => each.most));
  const last = points.at(-1)?.value ?? 0;
  const gaps = points.filter(({ at }, n) => n > 0 && at - (points[n - 1]?.at ?? 0) > gapMs).length;
  const parts = [
    `${title} from ${timeText(from, timeZone)} to ${timeText(to - 1, timeZone)}: ${show(least)} to ${show(most)}, ${show(last)} at last`,
    threshold === undefined ? '' : `threshold ${show(threshold)}`,
    isOver
      ? `broken from ${timeText(breach.from, timeZone)} to ${timeText(breach.to, timeZone)}`
      : `broken since ${timeText(breach.from, timeZone)}`,
    gaps === 0 ? '' : `${gaps} ${gaps === 1 ? 'gap' : 'gaps'} without values`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}
