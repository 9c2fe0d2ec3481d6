/**
 * Kinds of documents that a backup without a passphrase holds too, sealed fields taken out. Any other is left out there: what nobody
 * has judged is taken for secret.
 */
export const PLAIN_KINDS: readonly string[] = [
  ...['sites', 'hosts', 'descriptors', 'settings', 'onboarding', 'jobs', 'job-runs'],
  // Secrets of meters are left out, as those in settings.
  ...['tariffs', 'spot-prices', 'power-sources', 'power-counters'],
  ...['alert-rules', 'alerts', 'facts', 'silences', 'maintenance-windows', 'subnets', 'devices'],
];

/** In no backup: after a restore everybody signs in anew, and no token that was used, or taken back, is alive again. */
export const PASSING_KINDS: readonly string[] = ['sessions', 'tokens'];

/** What a backup without a passphrase does not hold, in words. */
export const LEFT_OUT: readonly string[] = [
  'keys and certificates',
  'accounts and API keys',
  'preferences and boards of people',
  'pairings of agents',
  'secrets in settings',
  'notification channels and what they sent',
  'audit trail',
  'audits of hosts with their SSH keys',
];

const kindOf = (path: string): string | undefined => /^docs\/(.+)\.db$/.exec(path)?.[1];

/** Whether a file of the data directory goes into a backup. */
export function belongsIn(path: string, hasSecrets: boolean): boolean {
  const kind = kindOf(path);
  if (kind !== undefined) return !PASSING_KINDS.includes(kind) && (hasSecrets || PLAIN_KINDS.includes(kind));
  return hasSecrets || path === 'format.json' || path.startsWith('history/');
}

/** Whether a documents file of the present data stays in place when a backup without secrets is restored. */
export function isKeptAtPlainRestore(path: string): boolean {
  const kind = kindOf(path);
  return kind !== undefined && !PLAIN_KINDS.includes(kind) && !PASSING_KINDS.includes(kind);
}
