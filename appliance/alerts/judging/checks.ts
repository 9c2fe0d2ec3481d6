import { type Severity, severity } from '../../../protocol/alerts.ts';
import type { LiveSeries } from '../../../protocol/live.ts';
import { type Attributes, seriesKey } from '../../../protocol/metrics.ts';
import type { ConditionInput, Opened, Watch } from '../conditions/condition.ts';
import type { Judge } from '../engine/judge.ts';
import { openCondition } from '../rules/check.ts';
import { effectiveOf, isAbout, type KnownRule, type RuledHost } from '../rules/effective.ts';

/** A rule as it is judged for one host. Two with the same signature judge alike. */
export interface Check {
  rule: KnownRule;
  fields: KnownRule['fields'];
  input: ConditionInput;
  settings: Record<string, unknown>;
  opened: Opened;
  signature: string;
}

/** What an alert is about: a series, the host itself, or a fact. `id` is absent where history has no such series. */
export type Subject =
  | { kind: 'series'; id?: number; metric: string; attributes: Attributes }
  | { kind: 'host' }
  | { kind: 'fact'; fact: { kind: string; key: string } };

/** One check on one subject, with what is known of it. */
export interface Entry {
  key: string;
  check: Check;
  subject: Subject;
  watch: Watch;
  /** Absent while there is nothing to remember. */
  judge: Judge | undefined;
  /** What is judged now, in words, where the value alone does not say it: a fact, a forecast. */
  note?: string;
  /** Of the fact that is judged. */
  severity?: Severity;
  /** The last value of a fact: it holds until another one comes. */
  value?: number;
}

/** Names a subject among those of one host. */
export const subjectKey = (subject: Subject): string => {
  if (subject.kind === 'series') return seriesKey(subject);
  return subject.kind === 'host' ? 'host' : `fact/${subject.fact.kind}/${subject.fact.key}`;
};

/** Names one alert for good: rule, whose it is, what it is about. */
export const keyOf = (ruleId: string, owner: string, subject: Subject): string =>
  `${ruleId}|${owner}|${subjectKey(subject)}`;

export const asSubject = ({ id, metric, attributes }: LiveSeries): Subject => ({
  kind: 'series',
  id,
  metric,
  attributes,
});

/**
 * The rules that hold for a host, the most severe first, so that one that covers another is judged before it. Without a host:
 * those about what belongs to the site as a whole. A rule that cannot be opened is told to `onBroken` and left out.
 */
export function checksOf(
  rules: readonly KnownRule[],
  host: RuledHost | undefined,
  onBroken: (rule: KnownRule, error: unknown) => void,
): Check[] {
  const checks: Check[] = [];
  for (const rule of rules) {
    const about = host ?? { id: '', tags: [] };
    if (!isAbout(rule, about)) continue;
    const { fields } = effectiveOf(rule, about);
    if (!fields.isEnabled) continue;
    try {
      const { condition, settings, opened } = openCondition(fields);
      const { hosts: _, title: __, remedy: ___, ...judged } = fields;
      checks.push({ rule, fields, input: condition.input, settings, opened, signature: JSON.stringify(judged) });
    } catch (error) {
      onBroken(rule, error);
    }
  }
  const rank = ({ fields }: Check): number => severity.options.indexOf(fields.severity);
  return checks.sort((a, b) => rank(a) - rank(b));
}
