/**
 * Keeps what was used last, up to about a budget. In two halves: what is used moves into the younger one, and when that is full it
 * becomes the older one and what was in there goes. A hit in the younger half changes nothing, where a list in the order of use would
 * be rebuilt again and again.
 */
export class Recent<K, V> {
  readonly #half: number;
  readonly #sizeOf: (value: V) => number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #size = 0;

  constructor(budget: number, sizeOf: (value: V) => number) {
    this.#half = budget / 2;
    this.#sizeOf = sizeOf;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    const before = this.#young.get(key);
    this.#young.set(key, value);
    this.#old.delete(key);
    this.#size += this.#sizeOf(value) - (before === undefined ? 0 : this.#sizeOf(before));
    if (this.#size <= this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#size = 0;
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#size = 0;
  }
}
