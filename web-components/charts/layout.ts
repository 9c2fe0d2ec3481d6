import type { Axis } from './quantity.ts';

/** Where a chart draws, in CSS pixels, and what it draws there. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
  from: number;
  to: number;
  axis: Axis;
}

/** What stands at the ends of the lines: name and value, the value alone (names below), or nothing (both below). */
export type EndLabels = 'full' | 'value' | 'none';

const FULL_FROM_WIDTH = 600;
const VALUE_FROM_WIDTH = 400;
const RIGHT: Record<EndLabels, number> = { full: 150, value: 76, none: 24 };
const MARGIN = { left: 64, top: 10, bottom: 22 } as const;
const LABEL_HEIGHT = 16;

/** What there is room for. */
export function endLabels({ width, height }: { width: number; height: number }, lines: number): EndLabels {
  const isTooMany = lines * LABEL_HEIGHT > height - MARGIN.top - MARGIN.bottom;
  if (isTooMany || width < VALUE_FROM_WIDTH) return 'none';
  return width >= FULL_FROM_WIDTH ? 'full' : 'value';
}

/** The plot inside an element of that size. */
export function areaOf(
  size: { width: number; height: number },
  ends: EndLabels,
  shown: { from: number; to: number; axis: Axis },
): Area {
  return {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, size.width - MARGIN.left - RIGHT[ends]),
    height: Math.max(1, size.height - MARGIN.top - MARGIN.bottom),
    ...shown,
  };
}

export const xOf = ({ left, width, from, to }: Area, at: number): number => left + ((at - from) / (to - from)) * width;

export const yOf = ({ top, height, axis }: Area, value: number): number =>
  top + (1 - (value - axis.min) / (axis.max - axis.min)) * height;

export const timeAt = ({ left, width, from, to }: Area, x: number): number =>
  from + (Math.min(Math.max(x - left, 0), width) / width) * (to - from);

/** Pushes labels apart so that none covers another, and keeps them within the plot; answers their middles in the given order. */
export function placeLabels(wanted: readonly number[], { top, height }: Pick<Area, 'top' | 'height'>): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y || a.index - b.index);
  let above = top - LABEL_HEIGHT / 2;
  for (const label of order) {
    label.y = Math.max(label.y, above + LABEL_HEIGHT);
    above = label.y;
  }
  let below = top + height + LABEL_HEIGHT / 2;
  for (const label of order.reverse()) {
    label.y = Math.min(label.y, below - LABEL_HEIGHT);
    below = label.y;
  }
  return order.sort((a, b) => a.index - b.index).map(({ y }) => y);
}
