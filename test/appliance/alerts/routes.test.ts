import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert, Rule } from '../../../protocol/alerts.ts';
import { pairedFleet } from '../../helpers/alert-fleet.ts';
import { until } from '../../helpers/until.ts';

type Fleet = Awaited<ReturnType<typeof pairedFleet>>;
let fleet: Fleet;

beforeAll(async () => {
  fleet = await pairedFleet();
}, 60_000);
afterAll(() => fleet.stop());

const activeAlerts = async (query = ''): Promise<Alert[]> =>
  (await fleet.call('GET', `/api/v1/alerts?status=active${query}`)).body.items as Alert[];

const rule = {
  title: 'Bench is high',
  severity: 'high',
  metric: 'bench.level',
  condition: { id: 'above', settings: { threshold: 10, clear: 5 } },
};

describe('an agent that measures too much', () => {
  let made: Rule;

  test('opens an alert by a rule that was just made, with series, value and reason', async () => {
    const created = await fleet.call('POST', '/api/v1/alert-rules', rule);
    expect(created.status).toBe(201);
    made = created.body as unknown as Rule;
    expect(made).toMatchObject({ rev: 1, isBuiltIn: false, says: 'above 10', share: 0.9 });
    await fleet.send(50);
    const [alert] = await until(() => activeAlerts().then((found) => found.length > 0 && found));
    expect(alert).toMatchObject({
      title: 'Bench level 50',
      reason: '50, above 10',
      severity: 'high',
      ruleId: made.id,
      hostId: fleet.hostId,
      series: { metric: 'bench.level', attributes: {} },
      status: 'open',
    });
  });

  test('is acknowledged, commented and snoozed, each with who did it', async () => {
    const [alert] = await activeAlerts();
    const path = `/api/v1/alerts/${alert?.id}`;
    expect((await fleet.call('POST', `${path}/acknowledge`, { comment: 'I look' })).body).toMatchObject({
      status: 'acknowledged',
      acknowledgedBy: 'owner',
    });
    await fleet.call('POST', `${path}/comments`, { comment: 'Fan is dirty' });
    await fleet.call('POST', `${path}/snooze`, { minutes: 60 });
    const { body } = await fleet.call('GET', path);
    const said = (body as unknown as Alert).transitions.map(({ kind, by, text }) => [kind, by, text]);
    expect(said.slice(1)).toEqual([
      ['acknowledged', 'owner', 'Somebody looks after it: I look'],
      ['commented', 'owner', 'Fan is dirty'],
      ['snoozed', 'owner', 'Quiet for 60 min'],
    ]);
    expect(body).toHaveProperty('snoozedUntil');
    expect((await fleet.call('POST', `${path}/snooze`, { minutes: 0 })).body).not.toHaveProperty('snoozedUntil');
  });

  test('is resolved by hand, stays quiet while it is still broken, and cannot be resolved twice', async () => {
    const [alert] = await activeAlerts();
    const path = `/api/v1/alerts/${alert?.id}`;
    expect((await fleet.call('POST', `${path}/resolve`, {})).body).toMatchObject({ status: 'resolved' });
    await fleet.send(60);
    expect(await activeAlerts()).toEqual([]);
    expect((await fleet.call('POST', `${path}/resolve`, {})).status).toBe(409);
    expect((await fleet.call('POST', `${path}/comments`, { comment: 'After the end' })).status).toBe(200);
  });

  test('fires again after it has been clear, and the rule ends its alerts when it goes', async () => {
    await fleet.send(1);
    await fleet.send(70);
    await until(() => activeAlerts().then((found) => found.length === 1));
    expect((await fleet.call('DELETE', `/api/v1/alert-rules/${made.id}`)).status).toBe(204);
    await until(() => activeAlerts().then((found) => found.length === 0));
  });

  test('is in the list of alerts, page by page, newest first, by every filter', async () => {
    const list = async (query: string) =>
      (await fleet.call('GET', `/api/v1/alerts?${query}`)).body as unknown as { items: Alert[]; next?: string };
    const first = await list('limit=1');
    const second = await list(`limit=1&cursor=${first.next}`);
    expect(first.items[0]?.firedAt).toBeGreaterThan(second.items[0]?.firedAt ?? Infinity);
    expect(second.next).toBeUndefined();
    for (const [query, count] of [
      ['status=resolved', 2],
      ['severity=low', 0],
      [`hostId=${fleet.hostId}&severity=high`, 2],
      [`ruleId=${made.id}`, 2],
      ['late=only', 0],
      ['text=BENCH%20LEVEL', 2],
      ['text=nothing', 0],
      [`from=${Date.now() + 1_000}`, 0],
    ] as const)
      expect((await list(query)).items, query).toHaveLength(count);
  });
});

describe('rules', () => {
  test('are listed in pages with the built-in ones first', async () => {
    const first = await fleet.call('GET', '/api/v1/alert-rules?limit=2');
    const ids = (first.body.items as Rule[]).map(({ id }) => id);
    expect(ids).toEqual(['host-offline', 'disk-used-critical']);
    const rest = await fleet.call('GET', `/api/v1/alert-rules?cursor=${first.body.next}`);
    expect((rest.body.items as Rule[])[0]?.id).toBe('disk-used-warning');
  });

  test('have an ETag, and a stale revision is a conflict', async () => {
    const read = await fleet.call('GET', '/api/v1/alert-rules/cpu-high');
    expect(read.headers.get('etag')).toContain('"0"');
    const change = { rev: 0, overrides: [{ tag: 'lab', change: { isEnabled: false } }] };
    expect((await fleet.call('PATCH', '/api/v1/alert-rules/cpu-high', change)).status).toBe(200);
    expect((await fleet.call('PATCH', '/api/v1/alert-rules/cpu-high', change)).status).toBe(409);
  });

  test('name the field that is wrong, with its cure', async () => {
    const wrong = { ...rule, condition: { id: 'above', settings: { threshold: 1, clear: 2 } } };
    const { status, body } = await fleet.call('POST', '/api/v1/alert-rules', wrong);
    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { path: 'body.condition.settings.clear', message: 'the clear level lies at or below the threshold' },
    ]);
  });

  test('say for a host where each value comes from', async () => {
    const { body } = await fleet.call('GET', `/api/v1/hosts/${fleet.hostId}/alert-rules`);
    const found = body.find((each) => (each as { ruleId: string }).ruleId === 'host-offline');
    expect(found).toMatchObject({ says: 'silent for 3 min', origins: { severity: { from: 'built-in' } } });
  });

  test('conditions come with the form of their settings, presets with what they add', async () => {
    const conditions = (await fleet.call('GET', '/api/v1/alert-conditions')).body;
    expect(conditions).toHaveLength(9);
    expect(conditions[0]).toMatchObject({ id: 'above', input: 'values', form: { type: 'object' } });
    const applied = await fleet.call('POST', '/api/v1/alert-presets/video-surveillance/apply', { tag: 'video' });
    expect(applied.body).toHaveLength(4);
    expect((await fleet.call('POST', '/api/v1/alert-presets/nothing/apply', {})).status).toBe(404);
  });
});

describe('a preview', () => {
  test('counts on real history how often a rule would have fired', async () => {
    await fleet.backfill((minute) => (minute % 60 < 10 ? 50 : 1), 5 * 60);
    const { status, body } = await fleet.call('POST', '/api/v1/alert-rules/preview', {
      ...rule,
      forMs: 5 * 60_000,
      days: 1,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ fired: 5, hosts: 1, series: 1, stepMs: 60_000 });
    expect(body.notes).toEqual(['of each minute its mean was judged: what is shorter may be missed']);
    const [newest] = body.episodes as { firedAt: number; resolvedAt: number; hostName: string }[];
    expect(newest?.hostName).toBe('bench');
    expect((newest?.resolvedAt ?? 0) - (newest?.firedAt ?? 0)).toBe(5 * 60_000);
  });

  test('of a rule that is harder to break counts fewer', async () => {
    const ask = (more: object) => fleet.call('POST', '/api/v1/alert-rules/preview', { ...rule, days: 1, ...more });
    expect((await ask({ forMs: 15 * 60_000 })).body.fired).toBe(0);
    expect((await ask({ hosts: { tags: ['none'], hostIds: [], exceptTags: [] } })).body).toMatchObject({
      fired: 0,
      hosts: 0,
    });
    expect((await ask({ condition: { id: 'above', settings: { threshold: 100 } } })).body.fired).toBe(0);
  });

  test('of silence finds the hours before there was anything to hear', async () => {
    const { metric: _, ...silence } = { ...rule, condition: { id: 'absent', settings: { afterMs: 180_000 } } };
    const { status, body } = await fleet.call('POST', '/api/v1/alert-rules/preview', { ...silence, days: 1 });
    expect(status).toBe(200);
    expect(body.notes).toEqual(['times in which the appliance itself was off count as silence']);
  });

  test('of facts says that history has none, of a trend that it looked once a day', async () => {
    const { metric: _, ...plain } = rule;
    const facts = { ...plain, condition: { id: 'fact', settings: {} } };
    expect((await fleet.call('POST', '/api/v1/alert-rules/preview', facts)).body).toMatchObject({ fired: 0 });
    const trend = { ...rule, condition: { id: 'forecast', settings: { limit: 100 } } };
    expect((await fleet.call('POST', '/api/v1/alert-rules/preview', trend)).body.notes).toEqual([
      'the trend was looked at once a day',
    ]);
  });

  test('of a rule that cannot be is refused', async () => {
    const wrong = { ...rule, condition: { id: 'above', settings: { threshold: 'x' } } };
    expect((await fleet.call('POST', '/api/v1/alert-rules/preview', wrong)).status).toBe(400);
    expect((await fleet.call('POST', '/api/v1/alert-rules/preview', { ...rule, days: 9_999 })).status).toBe(400);
  });
});

test('a host whose clock is two minutes behind is pending for it', async () => {
  await fleet.send(1, 120_000);
  const { body } = await fleet.call('GET', '/api/v1/pending-alerts');
  expect(body).toMatchObject([
    { ruleId: 'clock-skew', hostId: fleet.hostId, metric: 'reeve.agent.clock.offset', forMs: 300_000 },
  ]);
  await fleet.send(1);
});

test('forecasts of a host say why there is none', async () => {
  const { status, body } = await fleet.call('GET', `/api/v1/hosts/${fleet.hostId}/forecasts`);
  expect(status).toBe(200);
  expect(body).toEqual([]);
});

test('what is unknown is absent', async () => {
  const id = '019aa5a0-0000-7000-8000-0000000000ff';
  expect((await fleet.call('GET', `/api/v1/alerts/${id}`)).status).toBe(404);
  expect((await fleet.call('POST', `/api/v1/alerts/${id}/acknowledge`, {})).status).toBe(404);
  expect((await fleet.call('GET', `/api/v1/alert-rules/${id}`)).status).toBe(404);
});
