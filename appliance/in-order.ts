/** Sorts by a number, in place and stable; what is in order already, as most lists are, costs only a look. */
export function inOrder<T>(list: T[], numberOf: (each: T) => number): T[] {
  let before = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < list.length; at++) {
    const number = numberOf(list[at] as T); // `at` is within the list.
    if (number < before) return list.sort((a, b) => numberOf(a) - numberOf(b));
    before = number;
  }
  return list;
}
