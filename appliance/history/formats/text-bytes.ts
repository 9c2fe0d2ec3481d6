const ROOM = 128 * 1024;
const EMPTY = Buffer.alloc(0);
/** What is longer goes back: a small answer has no more than 16,384 numbers. */
const LARGEST_KEPT = 512 * 1024;
/** A comma, a sign, a point, and as many digits as a number has at most. */
const LONGEST_NUMBER = 32;
/** Of two decimals with so few digits no two are the same double, so that what is written is what is read. */
const LARGEST = 1e15;
const MOST_DECIMALS = 8;
const POWERS = Array.from({ length: MOST_DECIMALS + 1 }, (_, n) => 10 ** n);
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
/** Numbers from here on are written in halves, because division of larger integers is several times slower. */
const INT32 = 2 ** 31;
const HALF = 1e8;
const HALF_DIGITS = 8;

/**
 * UTF-8 text as it is sent. Numbers are written digit by digit: a text of each would have to be made, joined and cleared away,
 * which was most of the work of an answer.
 */
export class TextBytes {
  #bytes = EMPTY;
  #at = 0;

  get length(): number {
    return this.#at;
  }

  text(value: string): void {
    this.#reserve(value.length * 3);
    this.#at += this.#bytes.write(value, this.#at);
  }

  /** With commas between; `null` for what is not finite. */
  numbers(values: Float64Array): void {
    this.#reserve(values.length * LONGEST_NUMBER);
    const bytes = this.#bytes;
    let at = this.#at;
    // Those of one series mostly have as many decimals as the one before, and often are the same number.
    let decimals = 0;
    let [before, begin, end] = [Number.NaN, at, at];
    for (let n = 0; n < values.length; n++) {
      if (n > 0) bytes[at++] = COMMA;
      const value = values[n] ?? Number.NaN;
      if (value === before) {
        for (let from = begin; from < end; from++) bytes[at++] = bytes[from] ?? ZERO;
        continue;
      }
      begin = at;
      const size = Math.abs(value);
      const power = POWERS[decimals] ?? 1;
      const integer = (size * power + 0.5) | 0;
      if (integer / power === size) {
        if (value < 0) bytes[at++] = MINUS;
        at = writeDecimal(bytes, at, { integer, decimals });
      } else {
        this.#at = at;
        decimals = this.#number(value, decimals);
        at = this.#at;
      }
      before = value;
      end = at;
    }
    this.#at = at;
  }

  /** Writes any number; says with how many decimals. */
  #number(value: number, least: number): number {
    const size = Math.abs(value);
    const found = decimalsOf(size, least);
    if (found < 0) {
      this.#at += this.#bytes.write(Number.isFinite(value) ? String(value) : 'null', this.#at, 'latin1');
      return least;
    }
    if (value < 0) this.#bytes[this.#at++] = MINUS;
    return this.#decimal(Math.round(size * (POWERS[found] ?? 1)), found);
  }

  /** What was written so far, where it lies: good until it is cleared. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** The next text begins anew, in the same memory. */
  clear(): void {
    if (this.#bytes.length > LARGEST_KEPT) this.#bytes = EMPTY;
    this.#at = 0;
  }

  /** What was written so far; the next text begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#bytes = EMPTY;
    this.#at = 0;
    return taken;
  }

  /** Writes `integer` ÷ 10^`decimals`, without zeros at its end; says with how many decimals. */
  #decimal(integer: number, decimals: number): number {
    const bytes = this.#bytes;
    let behind = decimals;
    let whole = integer;
    for (; behind > 0 && whole >= INT32 && whole % 10 === 0; behind--) whole /= 10;
    const high = whole < INT32 ? 0 : Math.floor(whole / HALF);
    let low = (whole - high * HALF) | 0;
    if (high === 0) for (; behind > 0 && low % 10 === 0; behind--) low = (low / 10) | 0;
    const count = Math.max(high > 0 ? HALF_DIGITS + digitsOf(high) : digitsOf(low), behind + 1);
    let at = this.#at + count + (behind > 0 ? 1 : 0);
    this.#at = at;
    for (let n = 0; n < count; n++) {
      if (n === behind && n > 0) bytes[--at] = POINT;
      if (n === HALF_DIGITS && high > 0) low = high;
      const next = (low / 10) | 0;
      bytes[--at] = ZERO + low - next * 10;
      low = next;
    }
    return behind;
  }

  #reserve(room: number): void {
    if (this.#at + room <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(ROOM, this.#bytes.length * 2, this.#at + room));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

interface Decimal {
  /** 0 to 2^31. */
  integer: number;
  decimals: number;
}

/** Writes `integer` ÷ 10^`decimals` at a place, without zeros at its end; says where it ends. */
function writeDecimal(bytes: Uint8Array, begin: number, { integer, decimals }: Decimal): number {
  let low = integer;
  let behind = decimals;
  for (; behind > 0 && low % 10 === 0; behind--) low = (low / 10) | 0;
  const count = Math.max(digitsOf(low), behind + 1);
  const end = begin + count + (behind > 0 ? 1 : 0);
  let at = end;
  if (behind > 0) {
    for (let n = 0; n < behind; n++) {
      const next = (low / 10) | 0;
      bytes[--at] = ZERO + low - next * 10;
      low = next;
    }
    bytes[--at] = POINT;
  }
  while (at > begin) {
    const next = (low / 10) | 0;
    bytes[--at] = ZERO + low - next * 10;
    low = next;
  }
  return end;
}

/** Of an integer from 0 to 2^31. */
function digitsOf(integer: number): number {
  let count = 1;
  for (let above = 10; integer >= above; above *= 10) count += 1;
  return count;
}

/** How many decimals say the very number, `least` or more where it has room for them; −1 when they are too many. */
function decimalsOf(size: number, least: number): number {
  for (let decimals = size * (POWERS[least] ?? 1) < LARGEST ? least : 0; decimals <= MOST_DECIMALS; decimals++) {
    const power = POWERS[decimals] ?? 1;
    const integer = Math.round(size * power);
    if (integer >= LARGEST) return -1;
    if (integer / power === size) return decimals;
  }
  return -1;
}
