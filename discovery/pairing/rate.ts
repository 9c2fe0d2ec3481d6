const WINDOW_MS = 60_000;
/** Addresses remembered at once; a flood from more of them pushes the oldest out and meets the limit on sessions instead. */
const MOST_ADDRESSES = 4_096;

/** Counts requests per address in windows of a minute. Memory is bounded whatever is thrown at it. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #windows = new Map<string, { since: number; count: number }>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Whether one more request from this address is allowed now. */
  allow(from: string, now: number): boolean {
    const key = addressBlock(from);
    const known = this.#windows.get(key);
    if (known && now - known.since < WINDOW_MS) {
      known.count++;
      return known.count <= this.#perMinute;
    }
    this.#windows.delete(key);
    this.#makeRoom();
    this.#windows.set(key, { since: now, count: 1 });
    return true;
  }

  #makeRoom(): void {
    if (this.#windows.size < MOST_ADDRESSES) return;
    const oldest = this.#windows.keys().next().value;
    if (oldest !== undefined) this.#windows.delete(oldest);
  }
}

/** What counts as one sender: an IPv4 address, or the /64 of an IPv6 address, of which anybody has as many as they like. */
export function addressBlock(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%')[0]?.toLowerCase().split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':').length : 0;
  while (tail !== undefined && groups.length < 8 - after) groups.push('0');
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
