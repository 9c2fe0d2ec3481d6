import type { RuleFields } from '../../../protocol/alerts.ts';
import { Problem } from '../../problem.ts';
import type { Condition, Opened } from '../conditions/condition.ts';
import { conditionOf } from '../conditions/index.ts';
import type { KnownRule } from './effective.ts';

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

/** The fields without some that need not be there. */
export function without(fields: RuleFields, taken: readonly ('metric' | 'remedy')[]): RuleFields {
  const left = { ...fields };
  for (const name of taken) delete left[name];
  return left;
}

/** Fails when a change touches what is fixed in a built-in rule. */
export function refuseFixed(
  { fields }: Pick<KnownRule, 'fields'>,
  change: Partial<RuleFields>,
  taken: readonly string[],
): void {
  const isOther = change.metric !== undefined && change.metric !== fields.metric;
  const fixed = isOther ? 'metric' : taken.find((each) => fields[each as 'metric' | 'remedy'] !== undefined);
  const name = fixed ?? (change.condition && change.condition.id !== fields.condition.id ? 'condition.id' : undefined);
  if (!name) return;
  const message = 'is fixed in a built-in rule: make a rule of your own instead';
  throw new Problem('invalid-request', `body.${name}: ${message}`, [{ path: `body.${name}`, message }]);
}
