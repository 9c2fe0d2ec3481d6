import type { Rule, RuleChange, RuleOverride, Severity } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { msg } from '../msg.ts';
import { type Field, fieldsOf, type JsonSchema, shownIn } from '../parts/form-schema.ts';
import { SEVERITIES, severityWord } from '../severity.ts';
import { type Condition, hasTimes, SETTING } from './draft.ts';
import { settingFields } from './rule-schema.ts';

const TAG = 'tag:';
const HOST = 'host:';

export interface OverrideParts {
  rule: Rule;
  condition: Condition;
  /** JSON Schema of a rule. */
  form: JsonSchema;
  described: Descriptor | undefined;
  hosts: readonly Host[];
}

/** The form of an override: for which tag or host, and every value that may differ; what is left empty is as the rule says. */
export function overrideSchema(parts: OverrideParts): JsonSchema {
  const fields = variesOf(parts);
  const beside = new Map(fieldsOf({ properties: fields }).map((field) => [field.name, ruleSays(field, parts.rule)]));
  const varied = Object.entries(fields).map(([name, { default: _, ...field }], order): [string, JsonSchema] => [
    name,
    { ...field, order: order + 1, description: msg('The rule says: {value}', { value: beside.get(name) ?? '' }) },
  ]);
  const target = { type: 'string', title: msg('For'), choices: targets(parts), order: 0 };
  return { properties: { target, ...Object.fromEntries(varied) }, required: ['target'] };
}

/** Fields that may differ, in the order of the rule's form. */
export function variesOf({
  condition,
  form,
  described,
}: Omit<OverrideParts, 'rule' | 'hosts'>): Record<string, JsonSchema> {
  const own = form.properties ?? {};
  const times = hasTimes(condition);
  const onOff = [
    { value: 'on', title: msg('On') },
    { value: 'off', title: msg('Off') },
  ];
  const fields = {
    isEnabled: { title: own.isEnabled?.title, type: 'string', choices: onOff },
    severity: {
      title: own.severity?.title,
      type: 'string',
      choices: SEVERITIES.map((value) => ({ value, title: severityWord(value) })),
    },
    ...settingFields(condition, described),
    forMs: times || condition.input === 'facts' ? own.forMs : undefined,
    share: times ? { ...own.share, title: `${own.share?.title}, %`, scale: 100 } : undefined,
    clearForMs: times ? own.clearForMs : undefined,
  };
  return Object.fromEntries(Object.entries(fields).flatMap(([name, field]) => (field ? [[name, field]] : [])));
}

/** Tags and hosts by name; one that is gone stays named. */
function targets({ rule, hosts }: OverrideParts) {
  const tags = new Set([...hosts.flatMap((host) => host.tags), ...rule.overrides.flatMap(({ tag }) => tag ?? [])]);
  return [
    ...[...tags]
      .sort((a, b) => a.localeCompare(b))
      .map((tag) => ({ value: TAG + tag, title: msg('Tag {tag}', { tag }) })),
    ...hosts.map(({ id, name }) => ({ value: HOST + id, title: msg('Host {name}', { name }) })),
  ];
}

/** What an override says, as the form shows it. */
export function overrideValues({ tag, hostId, change }: RuleOverride): Record<string, unknown> {
  const { settings = {}, isEnabled, ...plain } = change;
  return {
    target: tag === undefined ? HOST + (hostId ?? '') : TAG + tag,
    ...(isEnabled !== undefined && { isEnabled: isEnabled ? 'on' : 'off' }),
    ...plain,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [SETTING + name, value])),
  };
}

/** What is sent of the form's values; empty lists are as good as nothing said. */
export function overrideOf(values: Readonly<Record<string, unknown>>): RuleOverride {
  const { target, isEnabled, severity, ...rest } = values;
  const text = String(target);
  const said = Object.entries(rest).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  const settings = said
    .filter(([name]) => name.startsWith(SETTING))
    .map(([name, value]) => [name.slice(SETTING.length), value]);
  const change: RuleChange = {
    ...(isEnabled !== undefined && { isEnabled: isEnabled === 'on' }),
    ...(severity !== undefined && { severity: severity as Severity }),
    ...(settings.length > 0 && { settings: Object.fromEntries(settings) }),
    ...Object.fromEntries(said.filter(([name]) => !name.startsWith(SETTING))),
  };
  return { ...(text.startsWith(TAG) ? { tag: text.slice(TAG.length) } : { hostId: text.slice(HOST.length) }), change };
}

/** Whether two overrides are for the same. */
export const isForSame = (a: RuleOverride, b: RuleOverride): boolean => a.tag === b.tag && a.hostId === b.hostId;

/** What is different, one line for each value: title, as it is for these hosts, as the rule says. */
export function differences(
  { change }: RuleOverride,
  parts: Omit<OverrideParts, 'hosts'>,
): { title: string; here: string; rule: string }[] {
  const values = overrideValues({ tag: '', change });
  return fieldsOf({ properties: variesOf(parts) })
    .filter(({ name }) => values[name] !== undefined)
    .map((field) => ({
      title: field.title,
      here: shownValue(field, values[field.name]),
      rule: ruleSays(field, parts.rule),
    }));
}

function shownValue(field: Field, value: unknown): string {
  const titleOf = (one: unknown) => field.choices.find((choice) => choice.value === one)?.title;
  return titleOf(value) ?? (shownIn(field, value) || msg('none'));
}

function ruleSays(field: Field, { isEnabled, condition, ...rule }: Rule): string {
  const values: Record<string, unknown> = {
    ...rule,
    isEnabled: isEnabled ? 'on' : 'off',
    ...Object.fromEntries(Object.entries(condition.settings).map(([name, value]) => [SETTING + name, value])),
  };
  return shownValue(field, values[field.name] ?? field.initial);
}

/** How many hosts an override holds for; of a tag all hosts of the rule that have it. */
export const hostsOf = ({ tag, hostId }: RuleOverride, hosts: readonly Host[]): readonly Host[] =>
  hosts.filter((host) => (tag === undefined ? host.id === hostId : host.tags.includes(tag)));
