import { describe, expect, test } from 'vitest';
import { DISK, hostId, OTHER_SITE, SITE, START, someHost, Watched } from '../../helpers/watched.ts';

const MINUTE = 60_000;
/** Processor, memory, disk. */
const GOOD = [0.1, 0.3, 0.5];
const BUSY = [0.95, 0.3, 0.5];
const FULL = [0.1, 0.3, 0.85];
const BRIM = [0.1, 0.3, 0.95];
const opened = () => new Watched().open();

describe('values', () => {
  test('a busy processor is told after five minutes, with the reason, and resolved by itself', async () => {
    const watched = await opened();
    await watched.play(MINUTE, GOOD);
    await watched.play(5 * MINUTE, BUSY);
    expect(watched.words()).toEqual([]);
    await watched.play(10_000, BUSY);
    expect(watched.words()).toEqual(['pending cpu-high', 'fired cpu-high!']);
    const { alert, transition } = watched.last();
    expect(alert).toMatchObject({
      status: 'open',
      severity: 'medium',
      title: 'Processor use 95 %',
      reason: 'above 90 % for 5 min, 95 % on average',
      hostName: 'host-1',
      threshold: 0.9,
      value: 0.95,
      ruleRev: 0,
      firedAt: START + MINUTE + 5_000 + 5 * MINUTE,
      sinceAt: START + MINUTE + 5_000,
    });
    expect(transition.samples?.length).toBeGreaterThan(10);
    await watched.play(2 * MINUTE, GOOD);
    expect(watched.words().slice(2)).toEqual(['resolved cpu-high!']);
    expect(watched.last().alert).toMatchObject({ status: 'resolved', firedAt: alert.firedAt });
  });

  test('an alert that is covered by a worse one is on record and not told, and is told when the worse one ends', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, BRIM);
    expect(watched.words()).toEqual([
      'pending disk-used-critical',
      'fired disk-used-critical!',
      'pending disk-used-warning',
      'fired disk-used-warning',
    ]);
    expect(watched.last().transition.whyNot).toBe('“Disk is nearly full” is open on the same');
    await watched.play(2 * MINUTE, FULL);
    expect(watched.words().slice(4).sort()).toEqual(['raised disk-used-warning!', 'resolved disk-used-critical!']);
    await watched.play(2 * MINUTE, GOOD);
    expect(watched.words().slice(6)).toEqual(['resolved disk-used-warning!']);
  });

  test('what ends together with what covers it is told once', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, BRIM);
    await watched.play(3 * MINUTE, GOOD);
    const told = watched.words().filter((word) => word.endsWith('!'));
    expect(told.filter((word) => word.includes('critical'))).toEqual([
      'fired disk-used-critical!',
      'resolved disk-used-critical!',
    ]);
    expect(watched.alerts.book.all()).toEqual([]);
  });

  test('missing values never resolve: the alert is stale, and fresh when they come back', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    await watched.play(MINUTE, null);
    expect(watched.words().slice(2)).toEqual(['stale disk-used-warning']);
    expect(watched.last().alert).toMatchObject({ status: 'open', isStale: true });
    await watched.play(10_000, FULL);
    expect(watched.last()).toMatchObject({ alert: { isStale: false }, transition: { kind: 'fresh', isTold: false } });
  });

  test('a gap in a frame is no value', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    await watched.play(2 * MINUTE, [null, null, null]);
    expect(watched.words().slice(2)).toEqual(['stale disk-used-warning']);
  });

  test('the clock of a host that is wrong is told', async () => {
    const watched = await opened();
    for (let i = 0; i < 70; i++) {
      watched.now += 5_000;
      watched.frame({ hostId: hostId(1), values: GOOD, at: watched.now, offsetMs: 3_600_000 });
    }
    await watched.settled();
    expect(watched.words()).toEqual(['pending clock-skew', 'fired clock-skew!']);
    expect(watched.last().alert.series).toEqual({ metric: 'reeve.agent.clock.offset', attributes: {} });
  });
});

describe('silence', () => {
  test('a host that says nothing for 180 s is told, and resolved by its first frame', async () => {
    const watched = await opened();
    await watched.play(10_000, GOOD);
    await watched.play(179_000, null);
    expect(watched.words()).toEqual([]);
    await watched.play(2_000, null);
    expect(watched.words()).toEqual(['fired host-offline!']);
    expect(watched.last().alert).toMatchObject({
      severity: 'critical',
      title: 'Offline',
      reason: 'Nothing was heard for 3 min. Powered off, network, or agent stopped.',
    });
    await watched.play(5_000, GOOD);
    expect(watched.words()).toEqual(['fired host-offline!', 'resolved host-offline!']);
  });

  test('a host that has never reported is not missed', async () => {
    const watched = new Watched();
    const { lastSeenAt: _, ...host } = someHost(1, { status: 'unknown' });
    watched.hosts = [host];
    await watched.open();
    await watched.play(10 * MINUTE, null);
    expect(watched.words()).toEqual([]);
  });

  test('while the appliance slept nobody was silent', async () => {
    const watched = await opened();
    await watched.play(10_000, GOOD);
    watched.now += 3_600_000;
    await watched.play(MINUTE, null);
    expect(watched.words()).toEqual([]);
  });

  test('what was missed before a sleep is missed after it', async () => {
    const watched = await opened();
    await watched.play(200_000, null);
    watched.now += 3_600_000;
    await watched.play(MINUTE, null);
    expect(watched.words()).toEqual(['fired host-offline!']);
  });

  test('a slow host may be silent for two of its intervals', async () => {
    const watched = new Watched();
    watched.hosts = [someHost(1, { intervalMs: 300_000 })];
    await watched.open();
    await watched.play(9 * MINUTE, null);
    expect(watched.words()).toEqual([]);
    await watched.play(2 * MINUTE, null);
    expect(watched.words()).toEqual(['fired host-offline!']);
  });
});

describe('a restart', () => {
  test('while a condition is pending does not begin the wait anew', async () => {
    const watched = await opened();
    await watched.play(4 * MINUTE, BUSY);
    await watched.restart();
    await watched.play(65_000, BUSY);
    expect(watched.words()).toEqual(['pending cpu-high', 'fired cpu-high!']);
  });

  test('while an alert is open tells nothing again, and it is resolved after', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    const [before] = watched.told;
    await watched.restart();
    await watched.play(MINUTE, FULL);
    expect(watched.words()).toEqual(['pending disk-used-warning', 'fired disk-used-warning!']);
    await watched.play(2 * MINUTE, GOOD);
    expect(watched.words().slice(2)).toEqual(['resolved disk-used-warning!']);
    expect(watched.last().alert.id).toBe(before?.alert.id);
    expect(watched.last().transition.n).toBe(3);
  });

  test('while an alert is nearly clear does not begin its hold anew', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    await watched.play(50_000, GOOD);
    await watched.restart();
    await watched.play(15_000, GOOD);
    expect(watched.words().slice(2)).toEqual(['resolved disk-used-warning!']);
  });

  test('while an alert is stale keeps it so', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    await watched.play(MINUTE, null);
    await watched.restart();
    await watched.play(MINUTE, null);
    expect(watched.words().slice(2)).toEqual(['stale disk-used-warning']);
    expect(watched.alerts.book.all()).toMatchObject([{ isStale: true, status: 'open' }]);
  });

  test('while a host is offline tells it neither again nor resolved', async () => {
    const watched = await opened();
    await watched.play(10_000, GOOD);
    await watched.play(200_000, null);
    await watched.restart(MINUTE);
    await watched.play(MINUTE, null);
    expect(watched.words()).toEqual(['fired host-offline!']);
    await watched.play(5_000, GOOD);
    expect(watched.words()).toEqual(['fired host-offline!', 'resolved host-offline!']);
  });

  test('while it flaps keeps the hold, and the final state is told after it', async () => {
    const watched = await opened();
    await watched.alerts.rules.create(
      { siteId: SITE, userName: 'owner' },
      { ...plainRule, title: 'Flaps', condition: { id: 'above', settings: { threshold: 0.99 } } },
    );
    for (let i = 0; i < 5; i++) await watched.play(5_000, i % 2 === 0 ? [1, 0, 0] : GOOD);
    expect(watched.last().alert.heldUntil).toBeDefined();
    await watched.restart();
    await watched.play(14 * MINUTE, GOOD);
    expect(watched.words().filter((word) => word.startsWith('resolved'))).toHaveLength(2);
    await watched.play(2 * MINUTE, GOOD);
    expect(watched.words().filter((word) => word.startsWith('resolved'))).toHaveLength(3);
    expect(watched.alerts.book.all()).toEqual([]);
  });

  test('while a condition that a person resolved is still broken keeps it quiet until it is clear', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    const [record] = watched.alerts.book.all();
    if (!record) throw new Error('there is no alert');
    const awaitsClear = watched.alerts.resolve(record);
    watched.alerts.book.put({ ...record, status: 'resolved', resolvedAt: watched.now, awaitsClear }, []);
    await watched.restart();
    await watched.play(5 * MINUTE, FULL);
    expect(watched.words()).toHaveLength(2);
    await watched.play(59_000, GOOD);
    // Nearly clear: the hold goes on after the restart, and it may fire again after it.
    await watched.restart();
    await watched.play(MINUTE, GOOD);
    await watched.play(2 * MINUTE, FULL);
    expect(watched.words().slice(2)).toEqual(['pending disk-used-warning', 'fired disk-used-warning!']);
  });

  test('after a host was removed meanwhile ends its alerts', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    watched.hosts = [];
    await watched.restart();
    await watched.settled();
    expect(watched.last()).toMatchObject({
      alert: { status: 'resolved' },
      transition: { text: 'Its host was removed' },
    });
  });

  test('loses no alert whose write failed: it is told, and written when the disk works again', async () => {
    const watched = await opened();
    watched.disk.mode = 'torn';
    await watched.play(2 * MINUTE, FULL);
    expect(watched.words()).toEqual(['pending disk-used-warning', 'fired disk-used-warning!']);
    watched.disk.mode = 'works';
    await watched.play(MINUTE, FULL);
    await watched.restart();
    expect(watched.alerts.book.all()).toMatchObject([{ ruleId: 'disk-used-warning', status: 'open' }]);
    await watched.play(MINUTE, FULL);
    expect(watched.words()).toHaveLength(2);
  });
});

const plainRule = {
  title: 'Test',
  severity: 'high' as const,
  isEnabled: true,
  metric: 'system.cpu.utilization',
  attributes: [],
  hosts: { tags: [], hostIds: [], exceptTags: [] },
  condition: { id: 'above', settings: { threshold: 0.5 } },
  forMs: 0,
  share: 1,
  clearForMs: 0,
  overrides: [],
};
const editor = { siteId: SITE, userName: 'owner' };

describe('late values', () => {
  const late = async (watched: Watched, values: (minute: number) => readonly number[]) => {
    await watched.play(10_000, GOOD);
    const from = watched.now;
    await watched.play(10 * MINUTE, null);
    for (let at = from + 5_000; at < watched.now - 20_000; at += 5_000)
      watched.frame({ hostId: hostId(1), values: values((at - from) / MINUTE), at, late: true });
    await watched.play(2 * MINUTE, GOOD);
    return from;
  };

  test('are judged, recorded with their own time and told to nobody', async () => {
    const watched = await opened();
    const from = await late(watched, (minute) => (minute > 2 && minute < 5 ? FULL : GOOD));
    const records = watched.told.filter(({ alert }) => alert.isLate);
    expect(records.map(({ transition }) => transition.kind)).toEqual(['fired', 'resolved']);
    expect(records.every(({ transition }) => !transition.isTold && transition.whyNot?.includes('late'))).toBe(true);
    const [, last] = records;
    expect(last?.alert).toMatchObject({ ruleId: 'disk-used-warning', status: 'resolved', isLate: true });
    expect((last?.alert.firedAt ?? 0) - from).toBeCloseTo(3.1 * MINUTE, -4);
    expect(watched.alerts.book.all()).toEqual([]);
  });

  test('that are still broken at their end are closed there; what is now is judged from what comes now', async () => {
    const watched = await opened();
    await late(watched, () => FULL);
    const records = watched.told.filter(({ alert }) => alert.isLate);
    expect(records.at(-1)?.alert.status).toBe('resolved');
    expect(watched.alerts.book.all()).toEqual([]);
  });

  test('are not told after a restart either, when windows are filled from history', async () => {
    const watched = await opened();
    const condition = { id: 'rate', settings: { by: 0.5, withinMs: 3_600_000, direction: 'up', clearBy: 0.4 } };
    await watched.alerts.rules.create(editor, { ...plainRule, title: 'Jump', condition });
    await late(watched, (minute) => (minute > 2 && minute < 5 ? BUSY : GOOD));
    const before = watched.words();
    expect(watched.told.filter(({ alert }) => alert.isLate).map(({ alert }) => alert.ruleTitle)).toContain('Jump');
    await watched.restart();
    await watched.play(MINUTE, GOOD);
    expect(watched.words()).toEqual(before);
  });

  test('add nothing to an alert that was open all the time', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    const from = watched.now;
    await watched.play(5 * MINUTE, null);
    for (let at = from + 5_000; at < watched.now - 20_000; at += 5_000)
      watched.frame({ hostId: hostId(1), values: FULL, at, late: true });
    await watched.play(2 * MINUTE, FULL);
    expect(watched.told.filter(({ alert }) => alert.isLate)).toEqual([]);
    expect(watched.words().filter((word) => word.startsWith('fired disk'))).toHaveLength(1);
  });
});

describe('facts', () => {
  test('open an alert with their own severity and end it, also after a restart', async () => {
    const watched = await opened();
    watched.fact({ text: 'Drift in sshd_config', hostId: hostId(1) });
    await watched.settled();
    expect(watched.last().alert).toMatchObject({
      ruleId: 'found-wrong',
      severity: 'high',
      title: 'Drift in sshd_config',
      hostId: hostId(1),
    });
    await watched.restart();
    watched.fact({ text: 'Drift in sshd_config', hostId: hostId(1) });
    await watched.play(5_000, GOOD);
    expect(watched.words()).toEqual(['fired found-wrong!']);
    watched.fact({ state: 'ok', hostId: hostId(1) });
    await watched.play(1_000, null);
    expect(watched.words()).toEqual(['fired found-wrong!', 'resolved found-wrong!']);
  });

  test('about the appliance belong to its own site, and a rule that names the kind has them', async () => {
    const watched = await opened();
    watched.fact({ siteId: 'appliance', kind: 'job', key: 'backup', severity: 'medium', text: 'Backup: disk full' });
    await watched.settled();
    expect(watched.last().alert).toMatchObject({
      ruleId: 'job-failed',
      siteId: SITE,
      fact: { kind: 'job', key: 'backup' },
    });
  });

  test('with a wait go on waiting after a restart', async () => {
    const watched = await opened();
    watched.fact({ siteId: 'appliance', kind: 'health', key: 'clock' });
    await watched.play(2 * MINUTE, GOOD);
    await watched.restart();
    await watched.play(5 * MINUTE + 2_000, GOOD);
    expect(watched.words()).toEqual(['pending appliance-health', 'fired appliance-health!']);
  });

  test('that nobody knows change nothing', async () => {
    const watched = await opened();
    watched.fact({});
    watched.fact({ state: 'unknown' });
    await watched.settled();
    expect(watched.words()).toEqual(['fired found-wrong!']);
  });
});

describe('rules that change', () => {
  test('end alerts that they are no longer about, and say so', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    await watched.alerts.rules.edit(editor, 'disk-used-warning', { rev: 0, fields: { isEnabled: false } });
    await watched.settled();
    expect(watched.last()).toMatchObject({
      alert: { status: 'resolved' },
      transition: { text: 'Its rule was switched off, removed or changed', isTold: true },
    });
  });

  test('keep alerts open that they are still about, and judge them by the new level', async () => {
    const watched = await opened();
    await watched.play(2 * MINUTE, FULL);
    const { fields } = watched.alerts.rules.get(SITE, 'disk-used-warning');
    const condition = { id: 'above', settings: { threshold: 0.87, clear: 0.86 } };
    await watched.alerts.rules.edit(editor, 'disk-used-warning', { rev: 0, fields: { ...fields, condition } });
    expect(watched.words()).toHaveLength(2);
    await watched.play(2 * MINUTE, FULL);
    expect(watched.words().slice(2)).toEqual(['resolved disk-used-warning!']);
  });

  test('hold for hosts with the tag only, from the moment they have it', async () => {
    const watched = await opened();
    await watched.alerts.rules.create(editor, { ...plainRule, hosts: { tags: ['web'], hostIds: [], exceptTags: [] } });
    await watched.play(MINUTE, [0.6, 0, 0]);
    expect(watched.words()).toEqual([]);
    watched.hub.emit('host', { before: someHost(1), after: someHost(1, { tags: ['web'] }) });
    await watched.play(MINUTE, [0.6, 0, 0]);
    expect(watched.told.map(({ alert }) => alert.ruleTitle)).toEqual(['Test']);
    watched.hub.emit('host', { before: someHost(1, { tags: ['web'] }), after: someHost(1) });
    await watched.settled();
    expect(watched.last().alert.status).toBe('resolved');
  });

  test('of one site say nothing about another', async () => {
    const watched = new Watched();
    watched.hosts = [someHost(1), someHost(2, { siteId: OTHER_SITE })];
    await watched.open();
    await watched.alerts.rules.create(editor, plainRule);
    await watched.play(MINUTE, [0.6, 0, 0]);
    expect(watched.told.map(({ alert }) => alert.hostId)).toEqual([hostId(1)]);
  });
});

test('a rule about too much makes 500 alerts, and then one that says so, until it is changed', async () => {
  const watched = new Watched();
  watched.hosts = Array.from({ length: 520 }, (_, n) => someHost(n + 1));
  await watched.open();
  const { id } = await watched.alerts.rules.create(editor, {
    ...plainRule,
    condition: { id: 'above', settings: { threshold: 0 } },
  });
  await watched.play(5_000, [0.1, 0, 0]);
  const open = () => watched.alerts.book.all().map(({ ruleId }) => ruleId);
  expect(open().filter((ruleId) => ruleId === id)).toHaveLength(500);
  expect(open().filter((ruleId) => ruleId === 'found-wrong')).toHaveLength(1);
  await watched.alerts.rules.edit(editor, id, { rev: 1, fields: { isEnabled: false } });
  await watched.play(1_000, null);
  expect(open()).toEqual([]);
}, 60_000);

test('a host that is removed takes its alerts along', async () => {
  const watched = await opened();
  await watched.play(2 * MINUTE, FULL);
  watched.hub.emit('host', { before: someHost(1) });
  await watched.play(10 * MINUTE, FULL);
  expect(watched.last()).toMatchObject({ alert: { status: 'resolved' }, transition: { text: 'Its host was removed' } });
  expect(watched.words().filter((word) => word.startsWith('fired'))).toHaveLength(1);
});

test('a snooze that is over is told while the alert is open', async () => {
  const watched = await opened();
  await watched.play(2 * MINUTE, FULL);
  const [record] = watched.alerts.book.all();
  if (!record) throw new Error('there is no alert');
  watched.alerts.book.put({ ...record, snoozedUntil: watched.now + MINUTE }, []);
  await watched.play(2 * MINUTE, FULL);
  expect(watched.words().slice(2)).toEqual(['woken disk-used-warning!']);
  expect(watched.alerts.book.all()[0]?.snoozedUntil).toBeUndefined();
});

test('a disk that fills is foretold with its uncertainty', async () => {
  const watched = await opened();
  const from = watched.now - 7 * 86_400_000;
  const hourly = Array.from({ length: 7 * 24 }, (_, hour) => ({
    at: from + hour * 3_600_000,
    value: 0.6 + hour * 0.001,
  }));
  watched.query = async ({ to }) => ({
    from,
    to,
    first: from,
    stepMs: 3_600_000,
    steps: hourly.length,
    resolution: '1h',
    columns: ['average'],
    hosts: [],
    unmatched: [],
    series: [{ hostId: hostId(1), ...DISK, columns: [Float64Array.from(hourly, ({ value }) => value)] }],
  });
  // 60 % + 16.7 % in a week: 23 % are left, which takes ten days; with 20 days to look ahead it is told.
  await watched.alerts.rules.edit(editor, 'disk-forecast', {
    rev: 0,
    fields: { condition: { id: 'forecast', settings: { limit: 1, withinDays: 20, lookBackDays: 7 } } },
  });
  await watched.alerts.foresee();
  await watched.settled();
  expect(watched.words()).toEqual(['fired disk-forecast!']);
  expect(watched.last().alert.title).toMatch(
    /^File system use \/data: in 9 d .*\(between 9 d .* and 9 d .*\), at 2\.4 % a day$/,
  );
});
