import { describe, expect, test } from 'vitest';
import { presets } from '../../../appliance/alerts/rules/presets.ts';
import type { Rule, RuleOverride } from '../../../protocol/alerts.ts';
import { actionsOf, removalLines } from '../../../web-components/rules/columns.ts';
import {
  type Episode,
  firedByDay,
  firedByHost,
  isSeriesOf,
  stretchOf,
} from '../../../web-components/rules/episodes.ts';
import { originLines } from '../../../web-components/rules/host-rules.ts';
import { overrideOf, overrideValues } from '../../../web-components/rules/override-fields.ts';
import { planOf } from '../../../web-components/rules/preset-plan.ts';
import { writtenIn } from '../../../web-components/rules/quantities.ts';
import { changesText, hostsText, ruleText } from '../../../web-components/rules/words.ts';
import { parseSpan, spanText } from '../../../web-components/times.ts';

const HOST = '0190a000-0000-7000-8000-000000000001';
const DAY = 86_400_000;
const MINUTE = 60_000;
const everywhere = { tags: [], hostIds: [], exceptTags: [] };
const rule = (rest: Partial<Rule> = {}): Rule => ({
  id: 'cpu-high',
  rev: 1,
  title: 'Processor is busy',
  severity: 'medium',
  isEnabled: true,
  metric: 'system.cpu.utilization',
  attributes: [],
  hosts: everywhere,
  condition: { id: 'above', settings: { threshold: 0.9 } },
  forMs: 5 * MINUTE,
  share: 0.9,
  clearForMs: MINUTE,
  isBuiltIn: true,
  overrides: [],
  changed: [],
  says: 'above 90 %',
  ...rest,
});

describe('words of rules', () => {
  test.each([
    [{}, 'All hosts'],
    [{ tags: ['storage'] }, 'tagged storage'],
    [{ tags: ['a', 'b', 'c', 'd', 'e'] }, 'tagged a, b, c and 2 more'],
    [{ tags: ['dns'], hostIds: [HOST, 'gone'] }, 'tagged dns and nas01, a host that is gone'],
    [{ exceptTags: ['test'] }, 'All hosts, but not tagged test'],
  ])('hosts %j are “%s”', (hosts, words) => {
    expect(hostsText({ ...everywhere, ...hosts }, (id) => (id === HOST ? 'nas01' : undefined))).toBe(words);
  });

  test('a rule says its metric, its level and how long', () => {
    expect(ruleText(rule(), { title: 'Processor use' })).toBe('Processor use above 90 % for 5\u00a0min');
    expect(ruleText(rule({ forMs: 0, attributes: [{ name: 'm', value: '/data*' }] }), undefined)).toBe(
      'system.cpu.utilization /data* above 90 %',
    );
    const { metric: _, ...silent } = rule({ says: 'silent for 3 min', forMs: 0 });
    expect(ruleText(silent, undefined)).toBe('Silent for 3 min');
  });

  test('a built-in rule about a state leaves what is wrong to its title, until somebody changes it', () => {
    const state = rule({
      metric: 'system.raid.degraded',
      condition: { id: 'equals', settings: { value: 1 } },
      says: 'is 1',
    });
    expect(ruleText(state, undefined)).toBe('When it lasts 5\u00a0min');
    expect(ruleText({ ...state, forMs: 0 }, undefined)).toBe('At once');
    expect(ruleText({ ...state, changed: ['condition'] }, undefined)).toBe('system.raid.degraded is 1 for 5\u00a0min');
  });

  test('what was changed is said, and what can be done about it', () => {
    const override: RuleOverride = { tag: 'dns', change: { isEnabled: false } };
    const changed = rule({ changed: ['forMs'], overrides: [override, { hostId: HOST, change: {} }] });
    expect(changesText(rule())).toEqual([]);
    expect(changesText(changed)).toEqual(['changed', '2 overrides']);
    expect(changesText(rule({ isBuiltIn: false }))).toEqual(['your own']);
    const ids = (each: Rule) => actionsOf(each).map(({ id }) => id);
    expect([ids(rule()), ids(changed), ids(rule({ isBuiltIn: false }))]).toEqual([
      ['edit', 'copy'],
      ['edit', 'copy', 'reset'],
      ['edit', 'copy', 'remove'],
    ]);
  });

  test('before a rule goes it is said what goes with it', () => {
    expect(removalLines(rule({ isBuiltIn: false }), 2)).toEqual([
      'The rule itself; alerts that are over stay in the history.',
      '2 open alerts of it end.',
    ]);
    expect(removalLines(rule({ changed: ['forMs'] }), 2)).toEqual(['What this site changed of it.']);
  });

  test('of each value that is not as it came it is said where it is from', () => {
    const origins = {
      severity: { from: 'built-in' },
      forMs: { from: 'site' },
      isEnabled: { from: 'host' },
      'settings.threshold': { from: 'tag', tag: 'storage' },
    } as const;
    expect(originLines({ origins })).toEqual([
      'For: from site default',
      'On or off: for this host',
      'Threshold: from tag storage',
    ]);
  });
});

describe('spans that people write', () => {
  test.each([
    ['5 min', 5 * MINUTE],
    ['5', 5 * MINUTE],
    ['90s', 90_000],
    ['1 h 30 min', 90 * MINUTE],
    ['1,5 h', 90 * MINUTE],
    ['2d', 2 * DAY],
    ['0', 0],
    ['3 m', 3 * MINUTE],
  ])('%s is read', (text, spanMs) => expect(parseSpan(text)).toBe(spanMs));

  test.each(['', 'soon', '5 minutes later', '-5 min', '5 min x', 'min', '1 month'])('“%s” is none', (text) => {
    expect(parseSpan(text)).toBeUndefined();
  });

  test('what is written is read as the same', () => {
    for (const spanMs of [0, 1_000, 59_000, 90_000, 5 * MINUTE, DAY + 61_000])
      expect(parseSpan(spanText(spanMs))).toBe(spanMs);
  });
});

describe('units that people write', () => {
  const of = (unit: string, id = 'x', kind: 'gauge' | 'state' = 'gauge') => writtenIn({ id, unit, kind });
  test('a share is written in percent, bytes in GB, what a network does in Mb/s', () => {
    expect([of('1'), of('By'), of('By/s'), of('By/s', 'system.network.io.rate'), of('Cel'), of('{process}')]).toEqual([
      { unit: '%', scale: 100 },
      { unit: 'GB', scale: 1e-9 },
      { unit: 'MB/s', scale: 1e-6 },
      { unit: 'Mb/s', scale: 8e-6 },
      { unit: '°C', scale: 1 },
      { unit: 'process', scale: 1 },
    ]);
    expect(of('1', 'x', 'state')).toEqual({ unit: '', scale: 1 });
  });
});

describe('overrides', () => {
  test.each([
    { tag: 'storage', change: { severity: 'high', settings: { threshold: 0.95 }, forMs: 1_000 } },
    { hostId: HOST, change: { isEnabled: false } },
    { hostId: HOST, change: { isEnabled: true, share: 0.5 } },
  ] as RuleOverride[])('%j is the same after it was shown and read back', (override) => {
    expect(overrideOf(overrideValues(override))).toEqual(override);
  });

  test('what is left empty is not said', () => {
    expect(overrideOf({ target: 'tag:dns', severity: undefined, forMs: undefined, 'settings-kinds': [] })).toEqual({
      tag: 'dns',
      change: {},
    });
  });
});

describe('episodes of a preview', () => {
  const episode = (firedAt: number, rest: Partial<Episode> = {}): Episode => ({
    ...{ hostId: HOST, hostName: 'nas01', attributes: {}, firedAt },
    ...rest,
  });

  test('are counted by day, the last day last', () => {
    const to = 30 * DAY;
    const counts = firedByDay([episode(0), episode(to - 1), episode(to - DAY / 2), episode(to)], { from: 0, to });
    expect([counts.length, counts[0], counts[29]]).toEqual([30, 1, 3]);
  });

  test('are counted by host, the one with most first', () => {
    const other = { hostId: 'b', hostName: 'backup' };
    expect(firedByHost([episode(1), episode(2, other), episode(3, other)])).toEqual([
      { ...other, count: 2 },
      { hostId: HOST, hostName: 'nas01', count: 1 },
    ]);
  });

  test('are shown with what was before and after, and never beyond now', () => {
    const now = 100 * DAY;
    const short = stretchOf(episode(now - DAY, { resolvedAt: now - DAY + MINUTE }), now, 5 * MINUTE);
    expect(short).toEqual({ from: now - DAY - 30 * MINUTE, to: now - DAY + 31 * MINUTE });
    const open = stretchOf(episode(now - 10 * DAY), now, 0);
    expect(open.to - open.from).toBe(3 * DAY);
    expect(stretchOf(episode(now - MINUTE), now, 0).to).toBe(now);
  });

  test('belong to the series with just their attributes', () => {
    const one = episode(0, { attributes: { m: '/srv' } });
    expect(isSeriesOf({ metric: 'x', attributes: { m: '/srv' } }, one, 'x')).toBe(true);
    expect(isSeriesOf({ metric: 'x', attributes: { m: '/srv', s: 'used' } }, one, 'x')).toBe(false);
    expect(isSeriesOf({ metric: 'x', attributes: { m: '/' } }, one, 'x')).toBe(false);
    expect(isSeriesOf({ metric: 'y', attributes: { m: '/srv' } }, one, 'x')).toBe(false);
  });
});

describe('what a preset would change', () => {
  const [preset] = presets;
  const shape = { rules: preset?.rules.map(({ title }) => title) ?? [], replaces: [...(preset?.replaces ?? [])] };

  test('adds its rules and switches off for the tag those that they replace', () => {
    const plan = planOf(shape, [rule(), rule({ id: 'job-failed', title: 'Job' })], 'recorder');
    expect(plan).toEqual({ added: shape.rules, there: [], switchedOff: ['Processor is busy'], isNothing: false });
  });

  test('nothing, where it was applied before for the same tag', () => {
    const hosts = { ...everywhere, tags: ['recorder'] };
    const own = shape.rules.map((title, i) => rule({ id: `own-${i}`, title, isBuiltIn: false, hosts }));
    const switched = rule({ overrides: [{ tag: 'recorder', change: { isEnabled: false } }] });
    expect(planOf(shape, [...own, switched], 'recorder').isNothing).toBe(true);
    expect(planOf(shape, [...own, switched], '').added).toEqual(shape.rules);
  });
});
