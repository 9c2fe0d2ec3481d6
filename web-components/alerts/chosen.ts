/** A choice with one more, or one less. */
export function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** A choice with all of a group, or with none of it where all were chosen. */
export function toggledAll(chosen: ReadonlySet<string>, group: readonly { id: string }[]): ReadonlySet<string> {
  const ids = group.map(({ id }) => id);
  const areAll = ids.every((id) => chosen.has(id));
  const others = [...chosen].filter((id) => !ids.includes(id));
  return new Set(areAll ? others : [...others, ...ids]);
}

/** What of a choice is still there; the same set while all of it is. */
export function stillThere(chosen: ReadonlySet<string>, all: readonly { id: string }[]): ReadonlySet<string> {
  const ids = new Set(all.map(({ id }) => id));
  const left = [...chosen].filter((id) => ids.has(id));
  return left.length === chosen.size ? chosen : new Set(left);
}
