import type { Alert, Transition } from '../../protocol/alerts.ts';

const MINUTE = 60_000;

/** A transition of a played alert. */
export const happened = (n: number, kind: Transition['kind'], rest: Partial<Transition> = {}): Transition => ({
  n,
  at: Date.now() - 10 * MINUTE,
  kind,
  text: '',
  isTold: false,
  ...rest,
});

/** An alert as the API tells of it: the file system of a host at 93 % for ten minutes. */
export function playedAlert(index: number, host: { id: string; name: string }, rest: Partial<Alert> = {}): Alert {
  const firedAt = Date.now() - (9 + index) * MINUTE;
  const reason = 'above 90 % for 1 min, 93 % on average';
  return {
    id: `0190a000-0000-7000-8000-0000000009${String(index).padStart(2, '0')}`,
    siteId: '0190a000-0000-7000-8000-000000000002',
    status: 'open',
    severity: 'critical',
    title: 'Disk /srv 93 %',
    reason,
    ruleId: 'disk-used-critical',
    ruleRev: 0,
    ruleTitle: 'Disk is nearly full',
    condition: { id: 'above', settings: { threshold: 0.9, clear: 0.88 } },
    hostId: host.id,
    hostName: host.name,
    series: {
      id: 3,
      metric: 'system.filesystem.utilization',
      attributes: { 'system.filesystem.mountpoint': '/srv' },
      unit: '1',
    },
    value: 0.93,
    threshold: 0.9,
    sinceAt: firedAt - MINUTE,
    firedAt,
    isStale: false,
    isLate: false,
    remedy: 'Delete or move what is not needed, or make the file system larger.',
    transitions: [
      happened(1, 'pending', { at: firedAt - MINUTE, text: 'It began' }),
      happened(2, 'fired', { at: firedAt, text: reason, isTold: true, samples: [[firedAt, 0.93]] }),
    ],
    ...rest,
  };
}

/** An alert that is over since five minutes. */
export const overAlert = (index: number, host: { id: string; name: string }, rest: Partial<Alert> = {}): Alert => {
  const { transitions, ...alert } = playedAlert(index, host);
  const resolvedAt = Date.now() - 5 * MINUTE;
  const over = happened(3, 'resolved', { at: resolvedAt, text: 'below 88 % for 1 min', isTold: true });
  return { ...alert, status: 'resolved', resolvedAt, transitions: [...transitions, over], ...rest };
};
