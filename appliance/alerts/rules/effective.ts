import type { Origin, RuleChange, RuleFields, RuleOverride } from '../../../protocol/alerts.ts';

/** A rule with everything that differs for some hosts. */
export interface KnownRule {
  id: string;
  rev: number;
  isBuiltIn: boolean;
  /** As it came, with what the site changed laid over it. */
  fields: RuleFields;
  /** Of a built-in rule: fields that the site changed. */
  changed: readonly string[];
  overrides: readonly RuleOverride[];
  coveredBy?: string;
}

/** What a host is to a rule. */
export interface RuledHost {
  id: string;
  tags: readonly string[];
}

/** A rule as it holds for one host. */
export interface Effective {
  fields: RuleFields;
  /** Of each value that may differ: from where it is, and by which tag. */
  origins: Record<string, { from: Origin; tag?: string }>;
}

const VARIES = ['severity', 'isEnabled', 'forMs', 'share', 'clearForMs'] as const;

/** Whether the rule is about the host at all. */
export function isAbout({ fields: { hosts } }: KnownRule, { id, tags }: RuledHost): boolean {
  if (hosts.exceptTags.some((tag) => tags.includes(tag))) return false;
  if (hosts.tags.length === 0 && hosts.hostIds.length === 0) return true;
  return hosts.hostIds.includes(id) || hosts.tags.some((tag) => tags.includes(tag));
}

/** Lays the overrides of the host's tags, in their order, and then its own over the rule, and remembers who said what. */
export function effectiveOf(rule: KnownRule, host: RuledHost): Effective {
  const fields = { ...rule.fields, condition: { ...rule.fields.condition } };
  const origins: Effective['origins'] = {};
  const first: Origin = rule.isBuiltIn ? 'built-in' : 'rule';
  for (const name of VARIES) origins[name] = { from: rule.changed.includes(name) ? 'site' : first };
  for (const name of Object.keys(fields.condition.settings))
    origins[`settings.${name}`] = { from: rule.changed.includes('condition') ? 'site' : first };
  const byTag = rule.overrides.filter(({ tag }) => tag !== undefined && host.tags.includes(tag));
  for (const { tag, change } of byTag) lay(fields, origins, { change, origin: { from: 'tag', ...(tag && { tag }) } });
  for (const { hostId, change } of rule.overrides)
    if (hostId === host.id) lay(fields, origins, { change, origin: { from: 'host' } });
  return { fields, origins };
}

interface Laid {
  change: RuleChange;
  origin: { from: Origin; tag?: string };
}

function lay(fields: RuleFields, origins: Effective['origins'], { change, origin }: Laid): void {
  const { settings = {}, ...plain } = change;
  Object.assign(fields, plain);
  for (const name of Object.keys(plain)) origins[name] = origin;
  fields.condition = { ...fields.condition, settings: { ...fields.condition.settings, ...settings } };
  for (const name of Object.keys(settings)) origins[`settings.${name}`] = origin;
}

/** Whether a value fits a pattern in which `*` stands for any text; each part is looked for once, behind the one before. */
export function fitsPattern(pattern: string, value: string): boolean {
  const parts = pattern.split('*');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
  const end = value.length - last.length;
  let at = first.length;
  for (const part of parts) {
    const found = value.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether the rule is about a series of that metric with these attributes. */
export const isAboutSeries = (
  { metric, attributes }: Pick<RuleFields, 'metric' | 'attributes'>,
  series: { metric: string; attributes: Readonly<Record<string, string>> },
): boolean =>
  metric === series.metric &&
  attributes.every(({ name, value }) => {
    const own = Object.hasOwn(series.attributes, name) ? series.attributes[name] : undefined;
    return own !== undefined && fitsPattern(value, own);
  });
