/** The last points of one series in time order, in typed arrays of fixed size; NaN stands for a gap. */
export class Ring {
  readonly #at: Float64Array;
  readonly #values: Float64Array;
  #first = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#at = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Time of point `index`, counted from the oldest. */
  at(index: number): number {
    return this.#at[this.#slot(index)] ?? Number.NaN;
  }

  /** Value of point `index`, counted from the oldest. */
  value(index: number): number {
    return this.#values[this.#slot(index)] ?? Number.NaN;
  }

  get lastAt(): number | undefined {
    return this.#length === 0 ? undefined : this.at(this.#length - 1);
  }

  get lastValue(): number | undefined {
    return this.#length === 0 ? undefined : this.value(this.#length - 1);
  }

  /** Adds a point where its time belongs; one of the same time is replaced, the oldest goes when the ring is full. */
  add(at: number, value: number | null): void {
    const number = value ?? Number.NaN;
    const index = this.indexFrom(at);
    if (index < this.#length && this.at(index) === at) {
      this.#values[this.#slot(index)] = number;
      return;
    }
    const isFull = this.#length === this.#at.length;
    if (isFull && index === 0) return;
    if (isFull) this.#first = (this.#first + 1) % this.#at.length;
    else this.#length += 1;
    let place = this.#length - 1;
    for (const target = isFull ? index - 1 : index; place > target; place -= 1) this.#move(place - 1, place);
    this.#at[this.#slot(place)] = at;
    this.#values[this.#slot(place)] = number;
  }

  /** Index of the first point at `from` or later; `length` when there is none. */
  indexFrom(from: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  clear(): void {
    this.#first = 0;
    this.#length = 0;
  }

  #slot(index: number): number {
    return (this.#first + index) % this.#at.length;
  }

  #move(from: number, to: number): void {
    this.#at[this.#slot(to)] = this.at(from);
    this.#values[this.#slot(to)] = this.value(from);
  }
}
