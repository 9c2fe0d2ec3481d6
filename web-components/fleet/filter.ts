import type { Host } from '../../protocol/hosts.ts';
import type { Condition } from '../condition.ts';
import { hostWords, matches } from '../shell/jump-targets.ts';

/** A host with how it is, computed once for a drawing of the page. */
export interface Judged {
  host: Host;
  condition: Condition;
}

/** What the summary bar counts and filters by. */
export type StatusFilter = 'online' | 'attention' | 'offline' | 'unknown';

export interface Filter {
  search: string;
  tag: string;
  status: string;
  rack?: string;
  role?: string;
  location?: string;
}

/** What hosts are grouped by, besides their tags; each a filter in the address. */
export const GROUPS = ['role', 'location', 'rack'] as const;
export type Group = (typeof GROUPS)[number];

/** The one group of the summary bar that a host counts in. */
export function groupOf({ host, condition }: Judged): StatusFilter {
  if (host.status === 'offline' || host.status === 'unknown') return host.status;
  return condition.level === 'ok' || condition.level === 'low' ? 'online' : 'attention';
}

/** How many hosts there are of each group. Online are all that report, those that need attention included. */
export function countGroups(all: readonly Judged[]): Record<StatusFilter, number> {
  const counts = { online: 0, attention: 0, offline: 0, unknown: 0 };
  for (const judged of all) {
    const group = groupOf(judged);
    counts[group] += 1;
    if (group === 'attention') counts.online += 1;
  }
  return counts;
}

const fitsStatus = (judged: Judged, status: string): boolean => {
  const group = groupOf(judged);
  return status === '' || group === status || (status === 'online' && group === 'attention');
};

/** The hosts that fit all parts of the filter. */
export function filterHosts(all: readonly Judged[], filter: Filter): readonly Judged[] {
  const { search, tag, status } = filter;
  const isIn = ({ host }: Judged) => GROUPS.every((group) => !filter[group] || host[group] === filter[group]);
  return all.filter(
    (judged) =>
      (tag === '' || judged.host.tags.includes(tag)) &&
      fitsStatus(judged, status) &&
      isIn(judged) &&
      matches(hostWords(judged.host), search.trim()),
  );
}

/** Every tag in use, in order. */
export const tagsOf = (all: readonly Judged[]): readonly string[] =>
  [...new Set(all.flatMap(({ host }) => host.tags))].sort((a, b) => a.localeCompare(b));

/** Every word in use for a group, in order. */
export const wordsOf = (all: readonly Judged[], group: Group): readonly string[] =>
  [...new Set(all.flatMap(({ host }) => host[group] ?? []))].sort((a, b) =>
    a.localeCompare(b, undefined, { numeric: true }),
  );
