import { msg } from '../msg.ts';

/** How something is; the shape tells it without colour. */
export type Level = 'ok' | 'low' | 'warning' | 'high' | 'critical' | 'offline' | 'unknown';

/** Worst first, for sorting and for the state of a group. */
export const LEVELS: readonly Level[] = ['critical', 'offline', 'high', 'warning', 'low', 'unknown', 'ok'];

/** The word of a level where nothing more exact is known. */
export function levelWord(level: Level): string {
  const words: Record<Level, string> = {
    ok: msg('online'),
    low: msg('note'),
    warning: msg('warning'),
    high: msg('high'),
    critical: msg('critical'),
    offline: msg('offline'),
    unknown: msg('unknown'),
  };
  return words[level];
}

/** Where a share begins to matter; each has a tick on the bar. */
export interface Thresholds {
  warning?: number;
  critical?: number;
}

/** The level that a share has reached. */
export function shareLevel(value: number, { warning, critical }: Thresholds): 'ok' | 'warning' | 'critical' {
  if (critical !== undefined && value >= critical) return 'critical';
  return warning !== undefined && value >= warning ? 'warning' : 'ok';
}
