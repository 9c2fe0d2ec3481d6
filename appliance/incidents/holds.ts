import type { Alert, Hold } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { QuietNow } from './quiet.ts';
import { above, isAboutReach, isSilent } from './reach.ts';

/** After its parent, or Reeve's own network, is back a machine gets so long to report before anybody is told. */
export const RETURN_MS = 120_000;

export interface HoldParts {
  now: number;
  /** Before then nobody can know who is away: agents are still coming back to an appliance that has just started. */
  knownFrom: number;
  hostOf(id: string): Host | undefined;
  /** Why Reeve's own network is away, as a site sees it; `backAt` when it came back. */
  outageOf(siteId: string): { reason?: string; backAt?: number };
  quietOf(alert: Alert, tags: readonly string[]): QuietNow | undefined;
  timeText(siteId: string, at: number): string;
}

/** What keeps an alert quiet at `now`, the deepest cause first; undefined where people are to be told. */
export function holdOf(alert: Alert, parts: HoldParts): Hold | undefined {
  const host = alert.hostId === undefined ? undefined : parts.hostOf(alert.hostId);
  const reach =
    host && isAboutReach(alert) ? (networkHold(alert, host, parts) ?? parentHold(alert, host, parts)) : undefined;
  return reach ?? quietHold(alert, host, parts);
}

function networkHold({ siteId, held }: Alert, host: Host, { now, knownFrom, outageOf }: HoldParts): Hold | undefined {
  if (host.isAppliance) return undefined;
  const { reason, backAt } = outageOf(siteId);
  if (reason !== undefined) return { by: 'network', why: `Reeve’s own network is away: ${reason}` };
  if (held?.by !== 'network') return undefined;
  const until = Math.max(knownFrom, (backAt ?? 0) + RETURN_MS);
  return now < until ? { by: 'network', why: 'Reeve’s own network was away, hosts are coming back', until } : undefined;
}

function parentHold({ held }: Alert, host: Host, { now, knownFrom, hostOf }: HoldParts): Hold | undefined {
  const parents = above(host, hostOf);
  const away = parents.find(isSilent);
  if (away) return { by: 'parent', id: away.id, why: `“${away.name}”, on which it depends, cannot be reached` };
  if (held?.by !== 'parent') return undefined;
  const was = parents.find(({ id }) => id === held.id);
  if (!was) return undefined;
  const until = Math.max(knownFrom, (was.statusAt ?? 0) + RETURN_MS);
  const why = `“${was.name}”, on which it depends, is just back`;
  return now < until ? { by: 'parent', id: was.id, why, until } : undefined;
}

function quietHold(alert: Alert, host: Host | undefined, { quietOf, timeText }: HoldParts): Hold | undefined {
  const quiet = quietOf(alert, host?.tags ?? []);
  if (!quiet) return undefined;
  const { kind, id, title, reason, by, to } = quiet;
  const until = timeText(alert.siteId, to);
  const why =
    kind === 'silence'
      ? `silenced by ${by} until ${until}: ${reason}`
      : `maintenance “${title}” until ${until}: ${reason}`;
  return { by: kind, id, why, until: to };
}

/** Whether two holds are the same for a person. */
export const isSameHold = (a: Hold, b: Hold): boolean => a.by === b.by && a.id === b.id && a.until === b.until;
