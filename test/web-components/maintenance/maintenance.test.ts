import { describe, expect, test } from 'vitest';
import { maintenanceForm, silenceForm } from '../../../protocol/silences.ts';
import {
  atPlan,
  type Known,
  newPlan,
  newSilence,
  type PlanKind,
  planSchema,
  planValues,
  sentPlan,
  sentSilence,
  silenceSchema,
} from '../../../web-components/maintenance/plan-form.ts';
import { matchText, scheduleText, spanWords } from '../../../web-components/maintenance/words.ts';
import { fieldsOf, parsedField, shownIn } from '../../../web-components/parts/form-schema.ts';

const HOST = '0190a000-0000-7000-8000-000000000001';
const known: Known = {
  hosts: [{ id: HOST, name: 'nas01', tags: ['storage'] }],
  rules: [{ id: 'cpu-high', title: 'Processor is busy' }],
};
const NOW = new Date('2026-11-21T12:00:00').getTime();
const KINDS: readonly PlanKind[] = ['once', 'weekly', 'cron'];

describe('a plan in its form', () => {
  test.each(KINDS)('what a new one of kind %s begins with is a plan', (kind) => {
    const body = sentPlan({ ...newPlan(NOW), kind, title: 'Updates', reason: 'because' }, true);
    expect(maintenanceForm.safeParse(body).error).toBeUndefined();
    expect(body.schedule.kind).toBe(kind);
  });

  test.each(KINDS)('one of kind %s is the same after it was shown and read back', (kind) => {
    const first = sentPlan(
      {
        ...newPlan(NOW),
        kind,
        title: 'T',
        reason: 'R',
        timeZone: 'Europe/Berlin',
        hostIds: [HOST],
        ruleIds: ['cpu-high'],
      },
      false,
    );
    const values = planValues(first);
    const read = fieldsOf(planSchema(kind, known)).map((field) => [
      field.name,
      field.kind === 'picks'
        ? (values[field.name] ?? [])
        : parsedField(field, shownIn(field, values[field.name]), false),
    ]);
    expect(sentPlan(Object.fromEntries(read), false)).toEqual(first);
  });

  test('problems stand at their fields', () => {
    expect(
      ['body.schedule.cron', 'body.match.hostIds.0', 'body.title'].map((path) => atPlan({ path, message: 'x' }).path),
    ).toEqual(['cron', 'hostIds.0', 'title']);
  });
});

describe('a silence in its form', () => {
  test('begins now for an hour, for the host it was asked for', () => {
    const body = sentSilence({ ...newSilence(NOW, [HOST]), reason: 'disks' });
    expect(silenceForm.parse(body)).toMatchObject({ endsAt: NOW + 3_600_000, match: { hostIds: [HOST], tags: [] } });
    expect('startsAt' in body).toBe(false);
  });

  test('a moment is read as it is shown, to the minute', () => {
    const until = fieldsOf(silenceSchema(known)).find(({ name }) => name === 'endsAt');
    expect(until && [shownIn(until, NOW), parsedField(until, shownIn(until, NOW), false)]).toEqual([
      '2026-11-21T12:00',
      NOW,
    ]);
  });
});

describe('words of maintenance', () => {
  test('which alerts are meant', () => {
    const all = { hostIds: [], tags: [], ruleIds: [], severities: [] };
    expect(matchText(all, known)).toBe('All hosts');
    expect(
      matchText(
        { hostIds: [HOST, 'gone'], tags: ['dns'], ruleIds: ['cpu-high'], severities: ['low', 'critical'] },
        known,
      ),
    ).toBe('nas01, a host that is gone, tagged dns · Processor is busy · critical, low');
  });

  test('when', () => {
    expect(spanWords({ from: NOW, to: NOW + 3_600_000 })).toBe('2026-11-21 12:00 to 13:00');
    expect(spanWords({ from: NOW, to: NOW + 86_400_000 })).toBe('2026-11-21 12:00 to 2026-11-22 12:00');
    expect(scheduleText({ kind: 'weekly', days: [7], from: '02:00', to: '04:00' }, 'UTC')).toBe(
      'Sun 02:00 to 04:00, UTC',
    );
    expect(scheduleText({ kind: 'cron', cron: '0 3 1 * *', minutes: 90 }, 'UTC')).toBe(
      '0 3 1 * * for 1\u00a0h 30\u00a0min, UTC',
    );
  });
});
