import type { Page } from '../protocol/paging.ts';

/** In the order of their keys, as `pageOf` wants them. */
export function sorted<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** One page of what is sorted by `keyOf`: the first `limit` items behind `cursor`. The key of an item is its cursor. */
export function pageOf<T>(
  sorted: readonly T[],
  { cursor, limit }: { cursor?: string | undefined; limit: number },
  keyOf: (item: T) => string,
): Page<T> {
  const from = cursor === undefined ? 0 : sorted.findIndex((item) => keyOf(item) > cursor);
  if (from < 0) return { items: [] };
  const items = sorted.slice(from, from + limit);
  const last = items.at(-1);
  return { items, ...(last !== undefined && from + limit < sorted.length && { next: keyOf(last) }) };
}
