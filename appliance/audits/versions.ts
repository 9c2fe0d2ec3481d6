/** Compares version texts number by number: negative where `a` is the older one. What is no number counts as text. */
export function compareVersions(a: string, b: string): number {
  const partsOf = (text: string): string[] => text.match(/\d+|[a-z]+/gi) ?? [];
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one = '0', other = '0'] = [left[at], right[at]];
    const difference = Number(one) - Number(other);
    if (Number.isNaN(difference) ? one !== other : difference !== 0)
      return Number.isNaN(difference) ? (one < other ? -1 : 1) : difference;
  }
  return 0;
}
