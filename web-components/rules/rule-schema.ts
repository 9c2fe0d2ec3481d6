import type { Host } from '../../protocol/hosts.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { SEVERITIES, severityWord } from '../severity.ts';
import { type Condition, hasTimes, isOfMetric, SETTING } from './draft.ts';
import { inUnit, writtenIn } from './quantities.ts';

/** What the editor's form is made of. */
export interface RuleFormParts {
  /** JSON Schema of a rule, as the appliance has it. */
  form: JsonSchema;
  conditions: readonly Condition[];
  condition: Condition;
  descriptors: readonly Descriptor[];
  hosts: readonly Host[];
  /** Metric that is chosen. */
  metric: string;
  /** Tags that the rule names already. */
  tags: readonly string[];
  isBuiltIn: boolean;
}

/** The form of a rule, flat: its own fields, those of its condition with the metric's unit, and which hosts it is about. */
export function ruleSchema(parts: RuleFormParts): JsonSchema {
  const { form, condition, isBuiltIn } = parts;
  const own = form.properties ?? {};
  const described = parts.descriptors.find(({ id }) => id === parts.metric);
  const severities = SEVERITIES.map((value) => ({ value, title: severityWord(value) }));
  const times = hasTimes(condition);
  return {
    properties: inOrder({
      title: own.title,
      isEnabled: own.isEnabled,
      severity: { ...own.severity, choices: severities },
      ...(isBuiltIn ? {} : { condition: { ...own.condition, choices: conditionChoices(parts) } }),
      ...(!isBuiltIn && isOfMetric(condition) && { metric: { ...own.metric, choices: metricChoices(parts) } }),
      ...(isOfMetric(condition) && { attributes: attributesField(own.attributes, described) }),
      ...settingFields(condition, described),
      forMs: times || condition.input === 'facts' ? own.forMs : undefined,
      share: times ? { ...own.share, title: `${own.share?.title}, %`, scale: 100 } : undefined,
      clearForMs: times ? own.clearForMs : undefined,
      ...hostFields(parts),
      remedy: own.remedy,
    }),
    required: ['title', 'severity', 'condition', ...settingsRequired(condition)],
  };
}

const settingsRequired = ({ form }: Condition): string[] =>
  ((form as JsonSchema).required ?? []).map((name) => SETTING + name);

/** Without those that do not apply, in the order in which they were named. */
const inOrder = (fields: Record<string, JsonSchema | undefined>): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field], order) => (field ? [[name, { ...field, order }]] : [])),
  );

/** Fields of a condition's settings, levels in the unit of the metric. */
export function settingFields(
  { form }: Pick<Condition, 'form'>,
  described: Descriptor | undefined,
): Record<string, JsonSchema> {
  const entries = Object.entries((form as JsonSchema).properties ?? {});
  entries.sort(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0));
  return Object.fromEntries(
    entries.map(([name, field]) => [SETTING + name, inUnit(withWords(field), writtenIn(described))]),
  );
}

/** Severities by their words. */
function withWords(field: JsonSchema): JsonSchema {
  const isSeverity = field.enum?.includes('critical') && field.enum.includes('medium');
  return isSeverity ? { ...field, choices: SEVERITIES.map((value) => ({ value, title: severityWord(value) })) } : field;
}

const conditionChoices = ({ conditions }: RuleFormParts) => conditions.map(({ id, title }) => ({ value: id, title }));

/** Metrics by their titles; one that no host reports any more stays what it is. */
function metricChoices({ descriptors, metric }: RuleFormParts) {
  const twice = new Set(descriptors.map(({ title }) => title).filter((title, i, all) => all.indexOf(title) !== i));
  const choices = descriptors
    .map(({ id, title }) => ({ value: id, title: twice.has(title) ? `${title} (${id})` : title }))
    .sort((a, b) => a.title.localeCompare(b.title));
  const isKnown = metric === '' || descriptors.some(({ id }) => id === metric);
  return isKnown ? choices : [{ value: metric, title: metric }, ...choices];
}

function attributesField(field: JsonSchema | undefined, described: Descriptor | undefined): JsonSchema | undefined {
  const names = described?.attributes ?? [];
  if (names.length === 0) return undefined;
  return {
    ...field,
    type: 'array',
    widget: 'lines',
    title: msg('Only where'),
    description: msg('One on each line, * stands for any text: {example}. Empty: every one of them.', {
      example: `${names[0]}=/data*`,
    }),
  };
}

function hostFields({ form, hosts, tags }: RuleFormParts): Record<string, JsonSchema> {
  const properties = form.properties?.hosts?.properties ?? {};
  const used = [...new Set([...hosts.flatMap((host) => host.tags), ...tags])].sort((a, b) => a.localeCompare(b));
  const ofTags = used.map((value) => ({ value, title: value }));
  const word = { type: 'array', widget: 'words', choices: ofTags };
  return {
    tags: { ...properties.tags, ...word, title: msg('Hosts with any of these tags'), empty: '' },
    hostIds: {
      ...properties.hostIds,
      type: 'array',
      widget: 'picks',
      title: msg('Hosts by name'),
      description: msg('Without tags and names the rule is about all hosts of the site.'),
      choices: hosts.map(({ id, name }) => ({ value: id, title: name })),
    },
    exceptTags: { ...properties.exceptTags, ...word, title: msg('But none with these tags'), empty: '' },
  };
}
