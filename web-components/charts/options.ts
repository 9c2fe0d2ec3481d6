import { clockTime, dayText, minuteTime, shortDay } from '../times.ts';
import type { Area } from './layout.ts';
import type { Line } from './line.ts';
import type { Stroke } from './palette.ts';
import { formatQuantity, type Quantity } from './quantity.ts';

/** Colours of the page that a canvas cannot inherit. */
export interface Ink {
  text: string;
  grid: string;
  font: string;
}

export interface Drawing {
  lines: readonly Line[];
  strokes: readonly Stroke[];
  style: 'line' | 'area' | 'stack';
  quantity: Quantity;
  area: Area;
  ink: Ink;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A time on the axis: the day at midnight, seconds where the chart spans less than three minutes. */
export function axisTime(at: number, spanMs: number): string {
  if (spanMs > 2 * DAY_MS || (spanMs > 3_600_000 && minuteTime(at) === '00:00')) {
    return minuteTime(at) === '00:00' || spanMs > 4 * DAY_MS ? shortDay(at) : minuteTime(at);
  }
  return spanMs < 3 * MINUTE_MS ? clockTime(at) : minuteTime(at);
}

/** The moment of a cursor or table row: with the day when the chart spans more than one, with seconds when it spans little. */
export function cursorTime(at: number, spanMs: number): string {
  if (spanMs >= DAY_MS) return `${dayText(at)} ${minuteTime(at)}`;
  return spanMs > 2 * 3_600_000 ? minuteTime(at) : clockTime(at);
}

const points = ({ at }: Line, values: readonly (number | null)[]) => at.map((moment, i) => [moment, values[i] ?? null]);

const HIDDEN = { lineStyle: { opacity: 0 }, showSymbol: false, silent: true, animation: false } as const;

/** Two invisible lines stacked on each other, the space between them filled: ECharts has no band of its own. */
function bandOf(line: Line, { colour }: Stroke) {
  const { min, max } = line;
  if (!min || !max) return [];
  const height = max.map((value, i) => (value === null ? null : value - (min[i] ?? 0)));
  const shared = { ...HIDDEN, type: 'line', stack: `band ${line.id}`, stackStrategy: 'all' };
  return [
    { ...shared, id: `low ${line.id}`, data: points(line, min) },
    { ...shared, id: `high ${line.id}`, data: points(line, height), areaStyle: { color: colour, opacity: 0.22 } },
  ];
}

function lineOf(line: Line, { colour, dash }: Stroke, style: Drawing['style']) {
  return {
    id: line.id,
    type: 'line',
    data: points(line, line.average),
    showSymbol: false,
    silent: true,
    animation: false,
    connectNulls: false,
    lineStyle: { color: colour, width: 1.6, type: dash.length === 0 ? 'solid' : [...dash] },
    itemStyle: { color: colour },
    ...(style !== 'line' && { areaStyle: { color: colour, opacity: style === 'stack' ? 0.3 : 0.12 } }),
    ...(style === 'stack' && { stack: 'all' }),
  };
}

function timeAxis({ area, ink }: Drawing) {
  const spanMs = area.to - area.from;
  return {
    type: 'time',
    min: area.from,
    max: area.to,
    splitNumber: Math.max(2, Math.floor(area.width / 90)),
    ...(spanMs >= 3 * MINUTE_MS && { minInterval: MINUTE_MS }),
    axisLine: { lineStyle: { color: ink.grid } },
    axisTick: { lineStyle: { color: ink.grid } },
    splitLine: { show: false },
    axisLabel: {
      color: ink.text,
      fontFamily: ink.font,
      fontSize: 11,
      hideOverlap: true,
      showMinLabel: false,
      showMaxLabel: false,
      formatter: (at: number) => axisTime(at, spanMs),
    },
  };
}

function valueAxis({ area, ink, quantity }: Drawing) {
  return {
    type: 'value',
    min: area.axis.min,
    max: area.axis.max,
    interval: area.axis.step,
    axisLabel: {
      color: ink.text,
      fontFamily: ink.font,
      fontSize: 11,
      formatter: (value: number) => formatQuantity(value, quantity),
    },
    splitLine: { lineStyle: { color: ink.grid, width: 1 } },
  };
}

/** What ECharts is told: axes that were computed here, so that everything drawn over the canvas fits it to the pixel. */
export function chartOption(drawing: Drawing) {
  const { lines, strokes, style, area } = drawing;
  const pairs = lines.map((line, index) => ({
    line,
    stroke: strokes[index] ?? { colour: drawing.ink.text, dash: [] },
  }));
  return {
    animation: false,
    grid: { left: area.left, top: area.top, width: area.width, height: area.height, outerBoundsMode: 'none' },
    xAxis: timeAxis(drawing),
    yAxis: valueAxis(drawing),
    series: [
      ...(style === 'stack' ? [] : pairs.flatMap(({ line, stroke }) => bandOf(line, stroke))),
      ...pairs.map(({ line, stroke }) => lineOf(line, stroke, style)),
    ],
  };
}
