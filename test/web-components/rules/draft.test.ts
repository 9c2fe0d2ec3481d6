import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { conditions as plugins } from '../../../appliance/alerts/conditions/index.ts';
import { builtInRules } from '../../../appliance/alerts/rules/built-in.ts';
import { openCondition } from '../../../appliance/alerts/rules/check.ts';
import type { Rule } from '../../../protocol/alerts.ts';
import type { Descriptor } from '../../../protocol/metrics.ts';
import { ruleForm } from '../../../protocol/routes/alert-rules.ts';
import { fieldsOf, type JsonSchema, parsedField, shownIn } from '../../../web-components/parts/form-schema.ts';
import { clashes } from '../../../web-components/rules/conflict.ts';
import {
  atDraft,
  bodyOf,
  type Condition,
  changesOf,
  type Draft,
  draftOf,
  isEqual,
} from '../../../web-components/rules/draft.ts';
import { ruleSchema } from '../../../web-components/rules/rule-schema.ts';

const conditions: Condition[] = plugins.map(({ id, title, input, settings }) => ({
  ...{ id, title, input },
  form: z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown>,
}));
const form = z.toJSONSchema(ruleForm, { io: 'input' }) as JsonSchema;
const conditionOf = (id: string): Condition => {
  const found = conditions.find((each) => each.id === id);
  if (!found) throw new Error(`no condition ${id}`);
  return found;
};
const descriptors = [
  { id: 'system.cpu.utilization', title: 'Processor use', unit: '1', kind: 'gauge', attributes: [] },
  { id: 'system.filesystem.usage', title: 'Space', unit: 'By', kind: 'gauge', attributes: ['mountpoint'] },
] as unknown as Descriptor[];

const shown = (id: string): Rule => {
  const { coveredBy: _, ...rule } = builtInRules.find((each) => each.id === id) ?? { id };
  return ruleForm
    .extend({ id: z.string(), rev: z.number(), isBuiltIn: z.boolean(), changed: z.array(z.string()), says: z.string() })
    .parse({ ...rule, rev: 3, isBuiltIn: true, changed: [], says: '' }) as Rule;
};

const schemaOf = (rule: Rule, draft: Draft): JsonSchema =>
  ruleSchema({
    ...{ form, conditions, condition: conditionOf(rule.condition.id), descriptors, hosts: [], tags: [] },
    ...{ metric: String(draft.metric), isBuiltIn: rule.isBuiltIn },
  });

/** What the form has when nobody typed: every field as text, and read back. */
function untouched(rule: Rule): Draft {
  const draft = draftOf(rule);
  const read = fieldsOf(schemaOf(rule, draft)).map((field) => {
    const value = draft[field.name] ?? field.initial;
    if (field.kind === 'picks') return [field.name, value ?? []];
    return [field.name, parsedField(field, shownIn(field, value), value === true)];
  });
  return { ...draft, ...Object.fromEntries(read) };
}

describe('a rule in its form', () => {
  test.each(builtInRules.map(({ id }) => id))('%s is the same after it was shown and read back', (id) => {
    const rule = shown(id);
    const changes = changesOf(rule, bodyOf(untouched(rule), conditionOf(rule.condition.id), rule.overrides));
    const { condition, ...rest } = changes;
    expect(rest).toEqual({ rev: 3 });
    // Defaults of a condition may be written out; they say the same.
    if (condition) {
      const filled = openCondition({
        condition: { id: rule.condition.id, settings: rule.condition.settings },
        ...(rule.metric && { metric: rule.metric }),
      });
      const { settings } = openCondition({
        condition: { id: condition.id, settings: condition.settings },
        ...(rule.metric && { metric: rule.metric }),
      });
      expect(settings).toEqual(filled.settings);
    }
  });

  test('only what was typed is sent', () => {
    const rule = shown('cpu-high');
    const draft = { ...untouched(rule), 'settings-threshold': 0.95, remedy: '' };
    expect(changesOf(rule, bodyOf(draft, conditionOf('above'), []))).toEqual({
      rev: 3,
      condition: { id: 'above', settings: { threshold: 0.95, clear: 0.8 } },
      remedy: null,
    });
  });

  test('a condition that is not about a series takes the metric away, and settings of the one before', () => {
    const rule = { ...shown('cpu-high'), isBuiltIn: false };
    const draft = { ...untouched(rule), condition: 'absent', 'settings-afterMs': 60_000 };
    const changes = changesOf(rule, bodyOf(draft, conditionOf('absent'), []));
    expect(changes).toMatchObject({
      metric: null,
      condition: { id: 'absent', settings: { afterMs: 60_000 } },
      forMs: 0,
    });
  });

  test('attributes are lines; one without a value fits any', () => {
    const draft = { ...untouched(shown('cpu-high')), metric: 'x', attributes: ['mountpoint = /data*', 'device'] };
    expect(bodyOf(draft, conditionOf('above'), []).attributes).toEqual([
      { name: 'mountpoint', value: '/data*' },
      { name: 'device', value: '*' },
    ]);
  });

  test('levels are in the unit of the metric, and a default of full = 1 is only that of a share', () => {
    const disk = { ...shown('disk-forecast'), metric: 'system.filesystem.usage' };
    const fields = fieldsOf(schemaOf(disk, draftOf(disk)));
    const limit = fields.find(({ name }) => name === 'settings-limit');
    expect([limit?.title, limit?.scale, limit?.initial]).toEqual(['Limit, GB', 1e-9, undefined]);
    const cpu = shown('cpu-high');
    const threshold = fieldsOf(schemaOf(cpu, draftOf(cpu))).find(({ name }) => name === 'settings-threshold');
    expect(threshold && [threshold.title, shownIn(threshold, 0.9), parsedField(threshold, '7', false)]).toEqual([
      'Threshold, %',
      '90',
      0.07,
    ]);
  });

  test('what the appliance finds wrong stands at the field where it was typed', () => {
    const at = (path: string) => atDraft([{ path, message: 'x' }])[0]?.path;
    expect(
      ['body.condition.settings.clear', 'body.condition.id', 'body.hosts.hostIds.3', 'body.forMs'].map(at),
    ).toEqual(['settings-clear', 'condition', 'hostIds', 'forMs']);
  });
});

describe('two people at one rule', () => {
  test('fields that differ are named with both values', () => {
    const rule = shown('cpu-high');
    const theirs: Rule = { ...rule, rev: 4, forMs: 600_000, severity: 'high' };
    const mine = { ...untouched(rule), 'settings-threshold': 0.95 };
    expect(clashes(theirs, mine, schemaOf(rule, mine))).toEqual([
      { title: 'Severity', theirs: 'high', mine: 'warning' },
      { title: 'Threshold, %', theirs: '90', mine: '95' },
      { title: 'For', theirs: '10\u00a0min', mine: '5\u00a0min' },
    ]);
  });

  test('values are compared by what they say', () => {
    expect(isEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2, c: undefined }] })).toBe(true);
    expect(isEqual({ a: [] }, { a: {} })).toBe(false);
    expect(isEqual([1, 2], [2, 1])).toBe(false);
    expect(isEqual(null, {})).toBe(false);
  });
});
