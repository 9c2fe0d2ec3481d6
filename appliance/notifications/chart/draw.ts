import { showValue } from '../../show-value.ts';
import { timeMarks, type ValueAxis, valueAxis } from './axis.ts';
import { Canvas, widthOf } from './canvas.ts';
import { LETTER } from './font.ts';
import { pngOf } from './png.ts';

/** One moment of a series; `least` and `most` where several values became one. */
export interface Point {
  at: number;
  value: number;
  least: number;
  most: number;
}

/** What a chart shows: a series around a breach. */
export interface ChartData {
  from: number;
  to: number;
  points: readonly Point[];
  /** Points further apart than this have a gap between them. */
  gapMs: number;
  unit: string;
  threshold?: number;
  /** From when to when the condition was broken. */
  breach: { from: number; to: number };
  timeZone: string;
}

/** Twice the size at which mails show it, so that it is sharp on every screen. */
export const CHART = { width: 1_196, height: 440, shownWidth: 598 } as const;
const AREA = { left: 132, top: 24, right: CHART.width - 20, bottom: CHART.height - 58 } as const;
const LETTERS = 3;

/** Dark on white, whatever the mail program's own colours are. */
const PALETTE = [
  '#ffffff',
  '#e3e7ec',
  '#55606e',
  '#10151c',
  '#1d4ed8',
  '#c7d7fb',
  '#b91c1c',
  '#fdeaea',
  '#f5bcbc',
] as const;
const INK = {
  paper: 0,
  grid: 1,
  words: 2,
  frame: 3,
  line: 4,
  band: 5,
  threshold: 6,
  breach: 7,
  breachEdge: 8,
} as const;
export const COLOUR_OF = (name: keyof typeof INK): string => PALETTE[INK[name]] ?? '';

interface Scales {
  x(at: number): number;
  y(value: number): number;
  axis: ValueAxis;
}

/** The chart as PNG. Pure: the same data gives the same bytes. */
export function chartOf(data: ChartData): Buffer {
  const canvas = new Canvas(CHART.width, CHART.height, PALETTE);
  const scales = scalesOf(data);
  drawBreach(canvas, data, scales);
  drawAxes(canvas, data, scales);
  drawSeries(canvas, data, scales);
  drawThreshold(canvas, data, scales);
  return pngOf(canvas);
}

/** Where moments and values are on the picture, in pixels. */
export function scalesOf({ from, to, points, threshold, unit }: ChartData): Scales {
  const values = points.flatMap(({ least, most }) => [least, most]);
  const axis = valueAxis([...values, ...(threshold === undefined ? [] : [threshold])], unit);
  return {
    axis,
    x: (at) => AREA.left + ((at - from) / (to - from)) * (AREA.right - AREA.left),
    y: (value) => AREA.bottom - ((value - axis.least) / (axis.most - axis.least)) * (AREA.bottom - AREA.top),
  };
}

function drawBreach(canvas: Canvas, { from, breach }: ChartData, { x }: Scales): void {
  const left = x(Math.max(from, breach.from));
  const height = AREA.bottom - AREA.top;
  canvas.fill({ left, top: AREA.top, width: Math.max(2, x(breach.to) - left), height }, INK.breach);
  canvas.fill({ left, top: AREA.top, width: 2, height }, INK.breachEdge);
}

function drawAxes(canvas: Canvas, { from, to, unit, timeZone }: ChartData, { x, y, axis }: Scales): void {
  const words = { colour: INK.words, size: LETTERS };
  for (const mark of axis.marks) {
    canvas.fill({ left: AREA.left, top: y(mark) - 1, width: AREA.right - AREA.left, height: 2 }, INK.grid);
    const at = [AREA.left - 12, y(mark) - (LETTER.height * LETTERS) / 2] as const;
    canvas.text(showValue(mark, unit), at, { ...words, isRight: true });
  }
  for (const { at, text } of timeMarks({ from, to }, timeZone, 8)) {
    canvas.fill({ left: x(at) - 1, top: AREA.bottom, width: 2, height: 10 }, INK.frame);
    const left = Math.min(x(at) - widthOf(text, LETTERS) / 2, CHART.width - widthOf(text, LETTERS) - 4);
    canvas.text(text, [left, AREA.bottom + 18], words);
  }
  canvas.fill({ left: AREA.left, top: AREA.bottom - 1, width: AREA.right - AREA.left, height: 2 }, INK.frame);
}

/** The spread of what became one value, and above it the line; nothing where nothing was measured. */
function drawSeries(canvas: Canvas, { points, gapMs }: ChartData, { x, y }: Scales): void {
  const isNext = (n: number): boolean => n > 0 && (points[n]?.at ?? 0) - (points[n - 1]?.at ?? 0) <= gapMs;
  for (const [n, { at, least, most }] of points.entries()) {
    const before = points[n - 1];
    const left = isNext(n) && before ? x(before.at) : x(at) - 2;
    canvas.fill({ left, top: y(most), width: x(at) - left + 1, height: y(least) - y(most) }, INK.band);
  }
  for (const [n, { at, value }] of points.entries()) {
    const before = points[n - 1];
    const start = isNext(n) && before ? ([x(before.at), y(before.value)] as const) : ([x(at), y(value)] as const);
    canvas.line(start, [x(at), y(value)], { colour: INK.line, size: 4 });
  }
}

function drawThreshold(canvas: Canvas, { threshold, unit }: ChartData, { y }: Scales): void {
  if (threshold === undefined) return;
  const at = y(threshold);
  canvas.line([AREA.left, at], [AREA.right, at], { colour: INK.threshold, size: 3, dash: 14 });
  const height = LETTER.height * LETTERS;
  const top = at - height - 6 < AREA.top ? at + 8 : at - height - 6;
  const words = `threshold ${showValue(threshold, unit)}`;
  canvas.fill({ left: AREA.left + 8, top: top - 2, width: widthOf(words, LETTERS) + 8, height: height + 2 }, INK.paper);
  canvas.text(words, [AREA.left + 12, top], { colour: INK.threshold, size: LETTERS });
}
