import type { Host } from '../protocol/hosts.ts';
import type { AlertHead } from '../protocol/live.ts';
import { isWaiting } from './alerts/level.ts';
import { formatValue } from './format.ts';
import type { CardValues } from './live/card-values.ts';
import { msg } from './msg.ts';
import { LEVELS, type Level, levelWord, shareLevel, type Thresholds } from './parts/levels.ts';
import { severityLevel } from './severity.ts';

/** Where a share begins to matter on bars, and for hosts whose alerts are not known. */
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
  /** The alert that says so. */
  alert?: AlertHead;
  /** Somebody looks after it, or it was made quiet for a while. */
  isQuiet?: boolean;
}

export interface Condition {
  /** The worst of status and concerns. */
  level: Level;
  word: string;
  concerns: readonly Concern[];
}

const isSilent = (host: Host): boolean => host.status === 'offline' || host.status === 'unknown';

/** That a host is silent is said once, by its status; the alert about it is where that leads. */
function statusConcern(host: Host, alerts: readonly AlertHead[]): Concern | undefined {
  const since = host.statusAt === undefined ? {} : { since: host.statusAt };
  if (host.status === 'offline') {
    const alert = alerts.find(isAbsence);
    const told = alert ? { alert, isQuiet: !isWaiting(alert) } : {};
    return { level: 'offline', text: msg('Offline. {reason}', { reason: host.statusReason }), ...since, ...told };
  }
  if (host.status === 'stale') return { level: 'warning', text: host.statusReason, ...since };
  return undefined;
}

const isAbsence = ({ condition }: AlertHead): boolean => condition.id === 'absent';

/** A milder alert on the same says nothing more. */
const alertConcerns = (alerts: readonly AlertHead[]): Concern[] =>
  alerts
    .filter(({ coveredBy }) => coveredBy === undefined)
    .map((alert) => ({
      level: severityLevel(alert.severity),
      text: alert.title,
      since: alert.firedAt,
      alert,
      isQuiet: !isWaiting(alert),
    }));

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

/**
 * How a host is: its status and what is wrong with it, worst first, what is in hand last. Rules say what is wrong; where the alerts are
 * not known, its last values by usual limits.
 */
export function hostCondition(
  host: Host,
  card: CardValues | undefined,
  alerts: readonly AlertHead[] | undefined,
): Condition {
  const status = statusConcern(host, alerts ?? []);
  const notes = host.notes.map((text): Concern => ({ level: 'warning', text }));
  const others = alerts?.filter((alert) => host.status !== 'offline' || !isAbsence(alert));
  const judged = others ? alertConcerns(others) : card && !isSilent(host) ? valueConcerns(card) : [];
  const concerns = [...(status ? [status] : []), ...notes, ...judged].sort(byUrgency);
  const levels = concerns.map(({ level }) => level).sort((a, b) => LEVELS.indexOf(a) - LEVELS.indexOf(b));
  const worst = levels[0] ?? (host.status === 'unknown' ? 'unknown' : 'ok');
  return {
    level: worst,
    word: host.status === 'stale' && worst === 'warning' ? msg('stale') : levelWord(worst),
    concerns,
  };
}

/** What waits for a person before what is in hand, then the worst. */
export const byUrgency = (a: Concern, b: Concern): number =>
  Number(a.isQuiet ?? false) - Number(b.isQuiet ?? false) || LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);
