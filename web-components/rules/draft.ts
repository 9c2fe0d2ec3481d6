import type { Rule, RuleOverride, Severity } from '../../protocol/alerts.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import type { RequestOf, ResponseOf } from '../rest.ts';

/** A rule as it is sent to be made or tried. */
export type RuleBody = RequestOf<'POST /api/v1/alert-rules'>['body'];
export type RuleChanges = RequestOf<'PATCH /api/v1/alert-rules/:ruleId'>['body'];
export type Condition = ResponseOf<'GET /api/v1/alert-conditions'>[number];

/** What stands in the fields of the editor, flat, by their names. */
export type Draft = Readonly<Record<string, unknown>>;

/** What a new rule begins with. */
export const NEW_RULE: RuleBody = {
  title: '',
  severity: 'medium',
  isEnabled: true,
  metric: 'system.cpu.utilization',
  condition: { id: 'above', settings: { threshold: 0.9, clear: 0.8 } },
  forMs: 300_000,
  share: 0.9,
  clearForMs: 60_000,
};

/** Another rule like this one. */
export function copyOf({ title, overrides: _, ...rule }: Rule): RuleBody {
  return { ...rule, title: msg('{rule} (copy)', { rule: title }) };
}

/** Settings of the condition have this before their name. */
export const SETTING = 'settings-';

/** Which conditions are about a series, and which times matter to them. */
export const isOfMetric = ({ input }: Pick<Condition, 'input'>): boolean => input === 'values' || input === 'trend';
export const hasTimes = ({ input }: Pick<Condition, 'input'>): boolean => input === 'values';

const settingsOf = (draft: Draft): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(draft).flatMap(([name, value]) =>
      name.startsWith(SETTING) && value !== undefined ? [[name.slice(SETTING.length), value]] : [],
    ),
  );

/** `name=value` lines, one for each attribute. */
export const attributeLines = (attributes: Rule['attributes']): string[] =>
  attributes.map(({ name, value }) => `${name}=${value}`);

function attributesOf(lines: unknown): Rule['attributes'] {
  return texts(lines).map((line) => {
    const at = line.indexOf('=');
    return at < 0 ? { name: line, value: '*' } : { name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
  });
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The fields of a rule as the editor shows them. */
export function draftOf(rule: RuleBody): Draft {
  const { title, severity, isEnabled, metric, attributes, hosts, condition, forMs, share, clearForMs, remedy } = rule;
  const settings = Object.entries(condition.settings).map(([name, value]) => [SETTING + name, value]);
  return {
    ...{ title, severity, isEnabled: isEnabled ?? true, metric: metric ?? '', remedy: remedy ?? '' },
    ...{ forMs: forMs ?? 0, share: share ?? 0.9, clearForMs: clearForMs ?? 0 },
    attributes: attributeLines(attributes ?? []),
    tags: hosts?.tags ?? [],
    hostIds: hosts?.hostIds ?? [],
    exceptTags: hosts?.exceptTags ?? [],
    condition: condition.id,
    ...Object.fromEntries(settings),
  };
}

/** What is sent of a draft. Fields that its condition has no use for are left out, so that none of them is judged. */
export function bodyOf(draft: Draft, condition: Condition, overrides: readonly RuleOverride[]): RuleBody {
  const known = Object.keys((condition.form.properties ?? {}) as object);
  const settings = Object.fromEntries(Object.entries(settingsOf(draft)).filter(([name]) => known.includes(name)));
  const metric = textOf(draft.metric);
  const remedy = textOf(draft.remedy).replace(/\s+/g, ' ').trim();
  return {
    title: textOf(draft.title),
    severity: textOf(draft.severity) as Severity,
    isEnabled: draft.isEnabled === true,
    ...(isOfMetric(condition) && metric !== '' && { metric }),
    attributes: isOfMetric(condition) ? attributesOf(draft.attributes) : [],
    hosts: { tags: texts(draft.tags), hostIds: texts(draft.hostIds), exceptTags: texts(draft.exceptTags) },
    condition: { id: condition.id, settings },
    forMs: condition.input === 'silence' || condition.input === 'trend' ? 0 : (draft.forMs as number),
    share: hasTimes(condition) ? numberOf(draft.share, 0.9) : 0.9,
    clearForMs: hasTimes(condition) ? (draft.clearForMs as number) : 0,
    ...(remedy !== '' && { remedy }),
    overrides: [...overrides],
  };
}

/** What a draft changes of a rule: only the fields that differ, so that defaults of a built-in one stay its own. */
export function changesOf(before: Rule, after: RuleBody): RuleChanges {
  const { id: _, isBuiltIn: __, changed: ___, coveredBy: ____, says: _____, rev, ...fields } = before;
  const old = fields as Record<string, unknown>;
  const differing = Object.entries(after).filter(([name, value]) => !isEqual(value, old[name]));
  const gone = (['metric', 'remedy'] as const).filter((name) => old[name] !== undefined && after[name] === undefined);
  return { rev, ...Object.fromEntries([...differing, ...gone.map((name) => [name, null])]) };
}

/** Whether two values say the same; what is undefined is as good as absent, and the order of names tells nothing. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((name) => isEqual(left[name], right[name]));
}

/** Problems of the API at the names of the editor's fields. */
export const atDraft = (problems: readonly FieldProblem[]): FieldProblem[] =>
  problems.map(({ path, message }) => {
    const name = path
      .replace(/^body\./, '')
      .replace(/^condition\.settings\.(\w+).*/, `${SETTING}$1`)
      .replace(/^condition\b.*/, 'condition')
      .replace(/^hosts\.(\w+).*/, '$1');
    return { path: name, message };
  });
