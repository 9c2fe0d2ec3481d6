import type { Alert } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';

/** Facts that say that a whole machine cannot be reached. */
const REACH_FACTS: readonly string[] = ['ssh-unreachable'];

/** Whether an alert says that a whole machine is away: such alerts come in crowds, and have causes elsewhere. */
export function isAboutReach({
  condition,
  series,
  fact,
  hostId,
}: Pick<Alert, 'condition' | 'series' | 'fact' | 'hostId'>): boolean {
  if (hostId === undefined) return false;
  return fact ? REACH_FACTS.includes(fact.kind) : condition.id === 'absent' && series === undefined;
}

/** Whether nothing is heard of a host that has reported before. */
export const isSilent = ({ status }: Pick<Host, 'status'>): boolean => status === 'stale' || status === 'offline';

const MOST_ABOVE = 16;

/** A person is believed before what was learnt. */
const parentIdOf = ({ parentId, learntParent }: Host): string | undefined => parentId ?? learntParent?.id;

/** What a host depends on, the nearest first; ends at a host that is gone. */
export function above(host: Host, hostOf: (id: string) => Host | undefined): Host[] {
  const found: Host[] = [];
  for (let at = parentIdOf(host); at !== undefined && found.length < MOST_ABOVE; ) {
    const parent = hostOf(at);
    if (!parent || parent.siteId !== host.siteId || parent.id === host.id) break;
    found.push(parent);
    at = parentIdOf(parent);
  }
  return found;
}
