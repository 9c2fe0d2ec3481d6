import { describe, expect, test } from 'vitest';
import { checksOf } from '../../../appliance/alerts/judging/checks.ts';
import { builtInRules } from '../../../appliance/alerts/rules/built-in.ts';
import { effectiveOf, fitsPattern, isAbout, isAboutSeries } from '../../../appliance/alerts/rules/effective.ts';
import { presets } from '../../../appliance/alerts/rules/presets.ts';
import { Rules } from '../../../appliance/alerts/rules/rules.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import type { RuleFields, RuleOverride } from '../../../protocol/alerts.ts';
import { ruleFields } from '../../../protocol/alerts.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { hostId, OTHER_SITE, SITE } from '../../helpers/watched.ts';

const editor = { siteId: SITE, userName: 'ann' };
const NOW = 1_760_000_000_000;

async function opened(dir = temporaryDirectory()) {
  const documents = await openDocumentStore({ dir, log: keepingLog() });
  const rules = await Rules.open(documents, () => NOW);
  return { rules, documents, dir };
}

const fields: RuleFields = {
  title: 'Test',
  severity: 'high',
  isEnabled: true,
  metric: 'system.cpu.utilization',
  attributes: [],
  hosts: { tags: [], hostIds: [], exceptTags: [] },
  condition: { id: 'above', settings: { threshold: 0.5 } },
  forMs: 60_000,
  share: 0.9,
  clearForMs: 0,
};
const web = { id: hostId(1), tags: ['web', 'lab'] };

describe('built-in rules', () => {
  test('each is valid, has an id of its own and judges', async () => {
    const { rules } = await opened();
    const checks = checksOf(rules.list(SITE), web, (_rule, error) => {
      throw error;
    });
    expect(checks).toHaveLength(builtInRules.length);
    for (const { id: _, coveredBy, ...each } of builtInRules) {
      expect(ruleFields.safeParse(each).error).toBeUndefined();
      if (coveredBy) expect(builtInRules.some(({ id }) => id === coveredBy)).toBe(true);
    }
  });

  test('the most severe are judged first, so that what covers another is there before it', async () => {
    const { rules } = await opened();
    const ids = checksOf(rules.list(SITE), web, () => undefined).map(({ rule }) => rule.id);
    for (const { id, coveredBy } of builtInRules)
      if (coveredBy && id !== 'memory-forecast') expect(ids.indexOf(coveredBy)).toBeLessThan(ids.indexOf(id));
  });

  test('only what is different is stored, so that other values follow a later version', async () => {
    const { rules, documents } = await opened();
    const edited = await rules.edit(editor, 'cpu-high', { rev: 0, fields: { severity: 'low', forMs: 300_000 } });
    expect(edited).toMatchObject({ rev: 1, changed: ['severity'], fields: { severity: 'low', forMs: 300_000 } });
    await documents.close();
  });

  test('are as they came again when removed', async () => {
    const { rules } = await opened();
    await rules.edit(editor, 'cpu-high', { rev: 0, fields: { severity: 'low' } });
    await rules.remove(SITE, 'cpu-high');
    expect(rules.get(SITE, 'cpu-high')).toMatchObject({ rev: 0, changed: [], fields: { severity: 'medium' } });
  });

  test('keep their metric and kind of condition', async () => {
    const { rules } = await opened();
    await expect(rules.edit(editor, 'cpu-high', { rev: 0, fields: { metric: 'x' } })).rejects.toMatchObject({
      code: 'invalid-request',
    });
    const condition = { id: 'below', settings: { threshold: 1 } };
    await expect(rules.edit(editor, 'cpu-high', { rev: 0, fields: { condition } })).rejects.toThrow('is fixed');
  });
});

describe('inheritance', () => {
  const overrides: RuleOverride[] = [
    { tag: 'web', change: { severity: 'low', settings: { threshold: 0.85 } } },
    { tag: 'lab', change: { severity: 'medium' } },
    { hostId: hostId(1), change: { forMs: 0 } },
    { hostId: hostId(2), change: { isEnabled: false } },
  ];

  test('the host wins over tags, a later tag over an earlier one, and each value says where it comes from', async () => {
    const { rules } = await opened();
    await rules.edit(editor, 'cpu-high', { rev: 0, fields: { share: 0.8 }, overrides });
    const { fields: held, origins } = effectiveOf(rules.get(SITE, 'cpu-high'), web);
    expect(held).toMatchObject({
      severity: 'medium',
      forMs: 0,
      share: 0.8,
      condition: { settings: { threshold: 0.85, clear: 0.8 } },
    });
    expect(origins).toEqual({
      severity: { from: 'tag', tag: 'lab' },
      isEnabled: { from: 'built-in' },
      forMs: { from: 'host' },
      share: { from: 'site' },
      clearForMs: { from: 'built-in' },
      'settings.threshold': { from: 'tag', tag: 'web' },
      'settings.clear': { from: 'built-in' },
    });
  });

  test('an override that makes the rule invalid is refused, with the field', async () => {
    const { rules } = await opened();
    const wrong = [{ tag: 'web', change: { settings: { threshold: 0.7 } } }];
    await expect(rules.edit(editor, 'cpu-high', { rev: 0, fields: {}, overrides: wrong })).rejects.toThrow(
      'the clear level lies at or below the threshold',
    );
  });

  test('a rule that is off for a host is not judged there', async () => {
    const { rules } = await opened();
    const valid = [{ hostId: hostId(2), change: { isEnabled: false } }];
    await rules.edit(editor, 'cpu-high', { rev: 0, fields: {}, overrides: valid });
    const ids = (id: string) =>
      checksOf(rules.list(SITE), { id, tags: [] }, () => undefined).map(({ rule }) => rule.id);
    expect(ids(hostId(1))).toContain('cpu-high');
    expect(ids(hostId(2))).not.toContain('cpu-high');
  });
});

describe('own rules', () => {
  test('survive a restart, with their revision', async () => {
    const { rules, documents, dir } = await opened();
    const { id } = await rules.create(editor, { ...fields, overrides: [] });
    await rules.edit(editor, id, { rev: 1, fields: { title: 'Other' } });
    await documents.close();
    const again = await opened(dir);
    expect(again.rules.get(SITE, id)).toMatchObject({
      rev: 2,
      isBuiltIn: false,
      fields: { title: 'Other', severity: 'high' },
    });
  });

  test('are of one site', async () => {
    const { rules } = await opened();
    const { id } = await rules.create(editor, { ...fields, overrides: [] });
    expect(() => rules.get(OTHER_SITE, id)).toThrow('There is no such rule');
    await expect(rules.remove(OTHER_SITE, id)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a stale revision is a conflict, also on a built-in rule that two change for the first time', async () => {
    const { rules } = await opened();
    const results = await Promise.allSettled([
      rules.edit(editor, 'cpu-high', { rev: 0, fields: { severity: 'low' } }),
      rules.edit(editor, 'cpu-high', { rev: 0, fields: { severity: 'critical' } }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(rules.edit(editor, 'cpu-high', { rev: 0, fields: {} })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('need what their condition needs', async () => {
    const { rules } = await opened();
    const create = (more: Partial<RuleFields>) => rules.create(editor, { ...fields, ...more, overrides: [] });
    await expect(create({ condition: { id: 'nothing', settings: {} } })).rejects.toThrow(
      'there is no condition nothing',
    );
    await expect(create({ condition: { id: 'above', settings: {} } })).rejects.toThrow('condition.settings.threshold');
    await expect(create({ condition: { id: 'absent', settings: {} } })).rejects.toThrow('is not about a metric');
    const { metric: _, ...without } = fields;
    await expect(rules.create(editor, { ...without, overrides: [] })).rejects.toThrow('say which metric');
  });
});

describe('the preset for video surveillance', () => {
  const [preset] = presets;
  if (!preset) throw new Error('there is no preset');

  test('adds its rules for a tag, switches off what they replace there, and does it once', async () => {
    const { rules } = await opened();
    const first = await rules.apply(editor, preset, 'video');
    const again = await rules.apply(editor, preset, 'video');
    expect(again.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    const levels = first.map(({ fields: { severity, condition } }) => [severity, condition.settings.threshold]);
    expect(levels).toEqual([
      ['medium', 0.8],
      ['medium', 0.9],
      ['high', 0.95],
      ['critical', 0.98],
    ]);
    const held = (tags: string[]) =>
      checksOf(rules.list(SITE), { id: hostId(1), tags }, () => undefined).map(({ rule }) => rule.id);
    expect(held(['video'])).not.toContain('disk-used-warning');
    expect(held(['video'])).toEqual(expect.arrayContaining(['host-offline', ...first.map(({ id }) => id)]));
    expect(held([])).toContain('disk-used-warning');
  });

  test('names rules that there are to be told by mail', () => {
    const titles = [...builtInRules, ...preset.rules].map(({ title }) => title);
    for (const title of preset.mail) expect(titles).toContain(title);
    for (const id of preset.replaces) expect(builtInRules.some((rule) => rule.id === id)).toBe(true);
  });
});

describe('selection', () => {
  const rule = (hosts: Partial<RuleFields['hosts']>) => ({
    id: 'x',
    rev: 1,
    isBuiltIn: false,
    fields: { ...fields, hosts: { tags: [], hostIds: [], exceptTags: [], ...hosts } },
    changed: [],
    overrides: [],
  });

  test('by tag, by host, by neither, and never with a tag that is left out', () => {
    expect(isAbout(rule({}), web)).toBe(true);
    expect(isAbout(rule({ tags: ['web', 'x'] }), web)).toBe(true);
    expect(isAbout(rule({ tags: ['x'] }), web)).toBe(false);
    expect(isAbout(rule({ tags: ['x'], hostIds: [hostId(1)] }), web)).toBe(true);
    expect(isAbout(rule({ exceptTags: ['lab'] }), web)).toBe(false);
  });

  test('of series by attributes, in which a star stands for any text', () => {
    const about = (value: string, pattern: string) =>
      isAboutSeries(
        { metric: 'm', attributes: [{ name: 'mount', value: pattern }] },
        { metric: 'm', attributes: { mount: value } },
      );
    expect(about('/data', '/data')).toBe(true);
    expect(about('/data/1', '/data*')).toBe(true);
    expect(about('/var/data', '*data')).toBe(true);
    expect(about('/a/b/c', '/*/c')).toBe(true);
    expect(about('/ab', '/a*ab')).toBe(false);
    expect(
      isAboutSeries({ metric: 'm', attributes: [{ name: 'toString', value: '*' }] }, { metric: 'm', attributes: {} }),
    ).toBe(false);
  });

  test('a pattern is no regular expression, and a hostile one costs no time', () => {
    expect(fitsPattern('(a+)+$', 'aaaa')).toBe(false);
    expect(fitsPattern('.*', 'abc')).toBe(false);
    const began = performance.now();
    expect(fitsPattern('*a'.repeat(128), 'a'.repeat(255))).toBe(true);
    expect(fitsPattern(`${'*a'.repeat(127)}b`, 'a'.repeat(256))).toBe(false);
    expect(performance.now() - began).toBeLessThan(50);
  });
});

describe('hostile rules', () => {
  const refused: [name: string, more: Record<string, unknown>][] = [
    ['a thousand hosts', { hosts: { tags: [], hostIds: Array(1_000).fill(hostId(1)), exceptTags: [] } }],
    ['a hundred tags', { hosts: { tags: Array(100).fill('a'), hostIds: [], exceptTags: [] } }],
    ['a hundred attributes', { attributes: Array(100).fill({ name: 'a', value: 'b' }) }],
    ['an attribute of a megabyte', { attributes: [{ name: 'a', value: 'x'.repeat(1e6) }] }],
    ['an operator of the database', { condition: { id: 'above', settings: { $where: 1 } } }],
    ['a field that nobody knows', { __proto__x: 1 }],
    ['a wait of a year', { forMs: 365 * 86_400_000 }],
    ['a share of nothing', { share: 0 }],
    ['a title with a line break', { title: 'a\nb' }],
    ['a severity that nobody knows', { severity: 'worst' }],
    ['a metric with braces', { metric: 'a{b}' }],
  ];
  for (const [name, more] of refused)
    test(`${name} is refused`, () => expect(ruleFields.safeParse({ ...fields, ...more }).success).toBe(false));

  test('more than 500 rules of a site are refused', async () => {
    const { rules } = await opened();
    for (let i = 0; i < 500; i++) await rules.create(editor, { ...fields, overrides: [] });
    await expect(rules.create(editor, { ...fields, overrides: [] })).rejects.toMatchObject({ code: 'conflict' });
  }, 60_000);
});
