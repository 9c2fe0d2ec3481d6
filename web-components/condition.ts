import type { Host } from '../protocol/hosts.ts';
import { formatValue } from './format.ts';
import type { CardValues } from './live/card-values.ts';
import { msg } from './msg.ts';
import { LEVELS, type Level, levelWord, shareLevel, type Thresholds } from './parts/levels.ts';

/** Where a share begins to matter, until the site has rules of its own (ALR-2). */
export const THRESHOLDS = {
  disk: { warning: 0.8, critical: 0.9 },
  memory: { warning: 0.85 },
} as const satisfies Record<string, Thresholds>;

/** One thing that is not as it should be. */
export interface Concern {
  level: Level;
  text: string;
  /** Since when, where that is known. */
  since?: number;
}

export interface Condition {
  /** The worst of status and concerns. */
  level: Level;
  word: string;
  concerns: readonly Concern[];
}

const isSilent = (host: Host): boolean => host.status === 'offline' || host.status === 'unknown';

function statusConcern(host: Host): Concern | undefined {
  const since = host.statusAt === undefined ? {} : { since: host.statusAt };
  if (host.status === 'offline')
    return { level: 'offline', text: msg('Offline. {reason}', { reason: host.statusReason }), ...since };
  if (host.status === 'stale') return { level: 'warning', text: host.statusReason, ...since };
  return undefined;
}

/** Values of a host that is away say nothing about now. */
function valueConcerns({ disks, memory }: CardValues): Concern[] {
  const full = disks
    .map(({ label, used }) => ({ label, used, level: shareLevel(used, THRESHOLDS.disk) }))
    .filter(({ level }) => level !== 'ok')
    .map(({ label, used, level }) => ({
      level,
      text: msg('{disk} is {share} full', { disk: label, share: formatValue(used, '1') }),
    }));
  const isTight = memory !== undefined && shareLevel(memory, THRESHOLDS.memory) !== 'ok';
  if (!isTight) return full;
  return [...full, { level: 'warning', text: msg('Memory is {share} used', { share: formatValue(memory, '1') }) }];
}

/** How a host is: its status and what its last values show, worst first. */
export function hostCondition(host: Host, card: CardValues | undefined): Condition {
  const status = statusConcern(host);
  const notes = host.notes.map((text): Concern => ({ level: 'warning', text }));
  const concerns = [...(status ? [status] : []), ...notes, ...(card && !isSilent(host) ? valueConcerns(card) : [])];
  concerns.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  const worst = concerns[0]?.level ?? (host.status === 'unknown' ? 'unknown' : 'ok');
  return {
    level: worst,
    word: host.status === 'stale' && worst === 'warning' ? msg('stale') : levelWord(worst),
    concerns,
  };
}
