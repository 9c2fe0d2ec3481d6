import { describe, expect, test } from 'vitest';
import { alertLevel, byUrgency, isWaiting } from '../../../web-components/alerts/level.ts';
import { standings } from '../../../web-components/alerts/standing.ts';
import { severityWord } from '../../../web-components/severity.ts';
import { overAlert, playedAlert } from '../../helpers/played-alerts.ts';

const host = { id: '0190a000-0000-7000-8000-000000000101', name: 'nas01' };
const now = new Date(2026, 10, 21, 14, 0).getTime();
const ruleTitle = (id: string) => (id === 'disk-used-critical' ? 'Disk is nearly full' : id);
const idsOf = (alert: Parameters<typeof standings>[0]) => standings(alert, { now, ruleTitle }).map(({ id }) => id);

describe('what an alert is beside open', () => {
  test('nothing, for one that simply is', () => expect(idsOf(playedAlert(1, host))).toEqual([]));

  test('each differs by id, word and reason', () => {
    const all = [
      { status: 'acknowledged', acknowledgedBy: 'anna', acknowledgedAt: now },
      { snoozedUntil: now + 3_600_000 },
      { held: { by: 'maintenance', why: 'Its site is in maintenance', until: now + 600_000 } },
      { heldUntil: now + 600_000 },
      { isStale: true },
      { coveredBy: 'disk-used-critical' },
      { isLate: true },
    ] as const;
    const found = all.map((rest) => standings(playedAlert(1, host, rest), { now, ruleTitle })[0]);
    expect(found.map((each) => each?.id)).toEqual([
      'acknowledged',
      'snoozed',
      'held',
      'flapping',
      'stale',
      'covered',
      'late',
    ]);
    expect(new Set(found.map((each) => each?.word)).size).toBe(all.length);
    expect(found.map((each) => each?.word).slice(0, 2)).toEqual(['Acknowledged by anna', 'Snoozed until 15:00']);
    expect(found[2]?.why).toBe('Its site is in maintenance, until 14:10.');
    expect(found[5]?.why).toContain('“Disk is nearly full”');
  });

  test('several at once stand together, that it is over first', () => {
    const alert = overAlert(1, host, { isLate: true, firedAt: now - 600_000, resolvedAt: now - 300_000 });
    const [over, late] = standings(alert, { now, ruleTitle });
    expect(over?.word.replace('\u00a0', ' ')).toBe('Over after 5 min');
    expect(late?.id).toBe('late');
  });
});

describe('the order of a list', () => {
  test('those that wait for a person come first, then the worst, then the newest', () => {
    const old = playedAlert(5, host, { severity: 'high' });
    const young = playedAlert(1, host, { severity: 'high' });
    const worst = playedAlert(3, host);
    const inHand = playedAlert(4, host, { status: 'acknowledged' });
    const low = playedAlert(2, host, { severity: 'low' });
    expect([inHand, low, old, worst, young].sort(byUrgency)).toEqual([worst, young, old, low, inHand]);
  });

  test('acknowledged, snoozed, covered and past ones wait for nobody', () => {
    for (const rest of [
      { status: 'acknowledged' as const },
      { status: 'resolved' as const },
      { snoozedUntil: now },
      { coveredBy: 'x' },
      { held: { by: 'network' as const, why: 'x' } },
    ])
      expect(isWaiting(playedAlert(1, host, rest))).toBe(false);
    expect(isWaiting(playedAlert(1, host, { isStale: true, heldUntil: now }))).toBe(true);
  });

  test('medium is called a warning, and what is over has a calm mark', () => {
    expect(severityWord('medium')).toBe('warning');
    expect(alertLevel(playedAlert(1, host, { severity: 'medium' }))).toBe('warning');
    expect(alertLevel(overAlert(1, host))).toBe('ok');
  });
});
