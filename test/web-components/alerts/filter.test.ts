import { describe, expect, test } from 'vitest';
import { fits, isFiltered, queryOf, readFilter, stretchOf } from '../../../web-components/alerts/filter.ts';
import { overAlert, playedAlert } from '../../helpers/played-alerts.ts';

const host = { id: '0190a000-0000-7000-8000-000000000101', name: 'nas01' };
const now = Date.now();
const of = (query: string) => readFilter(new URLSearchParams(query));
const alert = playedAlert(1, host);

describe('the filter in the address', () => {
  test('nothing means active ones, all of them', () => {
    expect(of('').view).toBe('active');
    expect(isFiltered(of('view=history'))).toBe(false);
    expect(isFiltered(of('severity=high'))).toBe(true);
    expect(fits(alert, of(''), now)).toBe(true);
  });

  test.each([
    ['severity=critical', true],
    ['severity=high', false],
    [`host=${host.id}`, true],
    ['host=other', false],
    ['rule=disk-used-critical', true],
    ['rule=cpu-high', false],
    ['text=%20NAS01%20', true],
    ['text=nearly', true],
    ['text=nothing', false],
    ['time=1h', true],
    ['status=waiting', true],
    ['status=acknowledged', false],
    ['status=snoozed', false],
    ['status=active', true],
    ['status=resolved', false],
    ['severity=critical&rule=cpu-high', false],
  ])('%s: %s', (query, isFit) => expect(fits(alert, of(query), now)).toBe(isFit));

  test('what was told together is in the history, whatever became of it', () => {
    const incidentId = '0190a000-0000-7000-8000-000000000777';
    const filter = of(`incidentId=${incidentId}`);
    expect(filter.view).toBe('history');
    expect(fits(alert, filter, now)).toBe(false);
    expect(fits({ ...alert, incidentId }, filter, now)).toBe(true);
    expect(queryOf(filter, now)).toMatchObject({ incidentId });
    expect(queryOf(of('incidentId=rubbish'), now)).toMatchObject({ incidentId: undefined });
  });

  test('snoozed ones do not wait', () => {
    const snoozed = playedAlert(1, host, { snoozedUntil: now + 1 });
    expect(fits(snoozed, of('status=snoozed'), now)).toBe(true);
    expect(fits(snoozed, of('status=waiting'), now)).toBe(false);
    expect(fits(overAlert(1, host), of('status=resolved'), now)).toBe(true);
  });

  test('days reach from the start of the first to the end of the last, by this device', () => {
    const { from = 0, to = 0 } = stretchOf(of('time=days&since=2026-11-20&until=2026-11-21'), now);
    expect([new Date(from), new Date(to)]).toEqual([new Date(2026, 10, 20), new Date(2026, 10, 22)]);
    expect(stretchOf(of('time=days&since=rubbish'), now)).toEqual({});
  });

  test('what the appliance would refuse is left out, so that an old link still shows a list', () => {
    const query = queryOf(of('status=waiting&severity=worst&host=rubbish&text=x'), now);
    expect(query).toMatchObject({ status: undefined, severity: undefined, hostId: undefined, text: 'x' });
    expect(queryOf(of(`status=resolved&time=24h&host=${host.id}`), now)).toMatchObject({
      status: 'resolved',
      hostId: host.id,
      from: now - 86_400_000,
    });
  });
});
