import type { Descriptor } from '../../protocol/metrics.ts';
import { formatValue, type QuantityOptions, quantityOptions } from '../format.ts';

/** What the values of a chart are, and how they are written. */
export interface Quantity {
  /** UCUM. */
  unit: string;
  options: QuantityOptions;
  /** What no value goes below or above, where that is known. */
  min?: number;
  max?: number;
}

export const quantityOf = ({ id, unit, min, max }: Descriptor): Quantity => ({
  unit,
  options: quantityOptions(id),
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
});

export const formatQuantity = (value: number | null | undefined, { unit, options }: Quantity): string =>
  formatValue(value, unit, options);

/** The vertical axis of a chart. */
export interface Axis {
  min: number;
  max: number;
  step: number;
}

const SHARE_TOPS = [0.1, 0.2, 0.5, 1];

/** 1, 2, 2.5 or 5 times a power of ten, or a power of two, not below `raw`. */
function niceStep(raw: number, isBinary: boolean): number {
  if (isBinary && raw >= 1) return 2 ** Math.ceil(Math.log2(raw));
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= raw * 0.999) ?? 10;
  return factor * power;
}

/** Scale of values on the axis, so that its ticks are round in the unit that is shown. */
const shownPerValue = ({ unit, options }: Quantity): number => (unit === 'By/s' && options.bits ? 8 : 1);

/**
 * An axis with about four round steps that holds `low` to `high`. Shares and what cannot be negative begin at 0, so that a small wobble
 * does not look like a storm; temperatures and the like keep some room on both sides.
 */
export function axisFor(quantity: Quantity, extent: { low: number; high: number } | undefined): Axis {
  const { low, high } = extent ?? { low: 0, high: 0 };
  if (quantity.unit === '1' && quantity.max === 1 && low >= 0) {
    const max = SHARE_TOPS.find((top) => high <= top) ?? 1;
    return { min: 0, max, step: max / 2 };
  }
  const scale = shownPerValue(quantity);
  const isFromZero = quantity.min === 0 || (low >= 0 && quantity.unit !== 'Cel');
  const floor = isFromZero ? 0 : low * scale;
  const top = Math.max(high * scale, floor);
  const span = top - floor || (isFromZero ? 1 : 10);
  const step = niceStep(Math.max(span / 4, quantity.unit === 'Cel' ? 5 : 0), quantity.options.binary ?? false);
  const min = isFromZero ? 0 : Math.floor(floor / step) * step;
  const max = Math.max(min + step, Math.ceil((top + (isFromZero ? 0 : step / 4)) / step) * step);
  return { min: min / scale, max: max / scale, step: step / scale };
}
