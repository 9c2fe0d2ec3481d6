import type { RuleFields } from '../../../protocol/alerts.ts';
import { Problem } from '../../problem.ts';
import type { Condition, Opened } from '../conditions/condition.ts';
import { conditionOf } from '../conditions/index.ts';

/** The condition of a rule, opened with its settings; fails with the problem `invalid-request` that names the field. */
export function openCondition({ condition, metric }: Pick<RuleFields, 'condition' | 'metric'>): {
  condition: Condition;
  settings: Record<string, unknown>;
  opened: Opened;
} {
  const found = conditionOf(condition.id);
  if (!found) throw wrong('condition.id', `there is no condition ${condition.id}`);
  const parsed = found.settings.safeParse(condition.settings);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(['condition.settings', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is not valid');
  }
  const isOfSeries = found.input === 'values' || found.input === 'trend';
  if (isOfSeries && metric === undefined) throw wrong('metric', 'say which metric this rule is about');
  if (!isOfSeries && metric !== undefined) throw wrong('metric', 'this condition is not about a metric: leave it out');
  return {
    condition: found,
    settings: parsed.data as Record<string, unknown>,
    opened: found.open(parsed.data, undefined),
  };
}

const wrong = (path: string, message: string): Problem =>
  new Problem('invalid-request', `body.${path}: ${message}`, [{ path: `body.${path}`, message }]);
