import type { Dictionary } from '../dictionary.ts';
import { Slices } from '../slices.ts';
import { blockJson, endJson, headerJson } from './block.ts';
import { Finest, MADE_OF } from './finest.ts';
import { type Group, groupsOf } from './groups.ts';
import { sealedLine } from './line.ts';
import { Merge } from './merge.ts';
import { type SetParts, SLOW_MS, setsOf } from './sets.ts';

export interface ExportWanted {
  /** Epoch ms, `from` ≤ time < `to`; everything where absent. */
  from?: number;
  to?: number;
  /** Ids of hosts; all where absent. */
  hosts?: readonly string[];
  /** Names of hosts by id, for people who look into the file. */
  names?: Readonly<Record<string, string>>;
}

export interface ExportParts extends SetParts {
  dictionary: Dictionary;
  now: () => number;
}

/**
 * History as lines of JSON (docs/history.md), coarse tiers first, then by time. Of an hour of a host that has raw rows or
 * minutes, nothing coarser is written, because that is made of them. A damaged chunk is left out; what coarser tiers know of its
 * time is written instead.
 */
export async function* exportLines(wanted: ExportWanted, parts: ExportParts): AsyncIterable<string> {
  const { from = 0, to = Number.MAX_SAFE_INTEGER, names = {} } = wanted;
  const known = parts.dictionary.hosts();
  const hosts = wanted.hosts ? known.filter((each) => wanted.hosts?.includes(each)) : known;
  const named = Object.fromEntries(hosts.map((each) => [each, names[each] ?? '']));
  const slices = new Slices();
  yield sealedLine(headerJson({ at: parts.now(), from, to, hosts: named }));
  let n = 1;
  let rows = 0;
  for (const group of groupsOf({ from, to, hosts }, parts)) {
    const merge = await gather(group, parts, slices);
    for (const block of merge.blocks(group, parts.dictionary)) {
      n += 1;
      rows += block.times.length;
      yield sealedLine(blockJson(block, n));
      await slices.pause();
    }
  }
  yield sealedLine(endJson(n + 1, rows));
}

async function gather(group: Group, parts: ExportParts, slices: Slices): Promise<Merge> {
  const { tier, isSlow, from, to } = group;
  const merge = new Merge();
  let finer: Finest | undefined;
  for await (const set of setsOf(tier, group, parts)) {
    if (set.intervalMs >= SLOW_MS !== isSlow) continue;
    finer ??= await Finest.of(group, MADE_OF[tier], parts);
    const { tierAt } = finer;
    merge.add(set, (at) => at >= from && at < to && tierAt(at) === undefined);
    await slices.pause();
  }
  return merge;
}
