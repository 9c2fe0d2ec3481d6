/** Integers up to here keep every step and every step between steps exact in a double. */
export const LARGEST = 2 ** 50;
const MOST_DECIMALS = 9;
const POWERS = Array.from({ length: MOST_DECIMALS + 1 }, (_, n) => 10 ** n);

/**
 * How many decimals turn every value into an integer and back into the very same double; undefined when no number up to 9
 * does. On success `integers` holds them. Measurements are short decimals, and integers compress five times better than
 * doubles (the idea of ALP, Afroozeh and others, SIGMOD 2023).
 */
export function toIntegers(values: Float64Array, count: number, integers: Float64Array): number | undefined {
  for (let decimals = 0; decimals <= MOST_DECIMALS; ) {
    const stuck = fill(values, integers, { count, power: POWERS[decimals] ?? 1 });
    if (stuck < 0) return decimals;
    const needed = decimalsOf(values[stuck] ?? 0, decimals + 1);
    if (needed === undefined) return undefined;
    decimals = needed;
  }
  return undefined;
}

/** Position of the first value that does not fit, −1 when all do. */
function fill(
  values: Float64Array,
  integers: Float64Array,
  { count, power }: { count: number; power: number },
): number {
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const integer = Math.round(value * power);
    if (integer / power !== value || integer > LARGEST || integer < -LARGEST) return i;
    integers[i] = integer;
  }
  return -1;
}

/** The values behind the integers, in place. */
export function fromIntegers(values: Float64Array, count: number, decimals: number): void {
  const power = POWERS[decimals] ?? 1;
  if (power === 1) return;
  for (let i = 0; i < count; i++) values[i] = (values[i] ?? 0) / power;
}

/** Decimals of one value, at least `from`; undefined when there are too many. */
export function decimalsOf(value: number, from: number): number | undefined {
  for (let decimals = from; decimals <= MOST_DECIMALS; decimals++) if (fits(value, decimals)) return decimals;
  return undefined;
}

export const powerOf = (decimals: number): number => POWERS[decimals] ?? 1;

function fits(value: number, decimals: number): boolean {
  const power = POWERS[decimals] ?? 1;
  const integer = Math.round(value * power);
  return integer / power === value && integer <= LARGEST && integer >= -LARGEST;
}
