import type { Alert } from '../../protocol/alerts.ts';
import type { Category } from '../../protocol/notifications.ts';

/** What an alert is about, for routing and quiet hours. A metric's first words say it (OpenTelemetry names). */
export function categoryOf({ condition, series, fact }: Pick<Alert, 'condition' | 'series' | 'fact'>): Category {
  if (condition.id === 'absent' && series === undefined) return 'offline';
  if (fact) return FACTS[fact.kind] ?? 'other';
  const metric = series?.metric ?? '';
  return METRICS.find(([start]) => metric.startsWith(start))?.[1] ?? 'other';
}

const METRICS: readonly (readonly [string, Category])[] = [
  ['system.filesystem.', 'storage'],
  ['system.disk.', 'storage'],
  ['hw.', 'hardware'],
  ['system.', 'performance'],
  ['process.', 'performance'],
  ['container.', 'service'],
  ['service.', 'service'],
];

const FACTS: Readonly<Record<string, Category>> = {
  service: 'service',
  certificate: 'security',
  finding: 'security',
  drift: 'security',
  device: 'security',
  'ssh-unreachable': 'offline',
  'own-network': 'reeve',
  'agent-version': 'reeve',
  'roll-out': 'reeve',
  health: 'reeve',
  backup: 'reeve',
  job: 'reeve',
  store: 'reeve',
  notification: 'reeve',
};
