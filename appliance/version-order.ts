/** Whether a version of numbers with dots comes before another; what is no such version is never older. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number));
  if (!a || !b) return false;
  const place = a.findIndex((number, i) => number !== b[i]);
  return place >= 0 && (a[place] ?? 0) < (b[place] ?? 0);
}
