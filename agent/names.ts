/** Says whether a name matches one of these patterns, in which `*` stands for any run of characters. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => false;
  const source = patterns.map((each) => each.split('*').map(escaped).join('.*')).join('|');
  const expression = new RegExp(`^(?:${source})$`);
  return (name) => expression.test(name);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
