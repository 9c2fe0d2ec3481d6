import type { Rule } from '../../protocol/alerts.ts';
import type { ResponseOf } from '../rest.ts';

type Preset = Pick<ResponseOf<'GET /api/v1/alert-presets'>[number], 'rules' | 'replaces'>;

/** What a preset changes of the rules that there are, by their titles. */
export interface Plan {
  added: string[];
  /** Rules of an earlier time that the preset leaves alone. */
  there: string[];
  switchedOff: string[];
  isNothing: boolean;
}

/** What applying a preset would do, for hosts with a tag or, when that is empty, for all; as the appliance does it. */
export function planOf({ rules: titles, replaces }: Preset, rules: readonly Rule[], tag: string): Plan {
  const isFor = ({ hosts }: Rule): boolean => hosts.tags.join('\n') === tag;
  const isThere = (title: string): boolean =>
    rules.some((rule) => !rule.isBuiltIn && rule.title === title && isFor(rule));
  const isOn = (rule: Rule): boolean =>
    tag === '' ? rule.isEnabled : !rule.overrides.some((override) => override.tag === tag);
  const added = titles.filter((title) => !isThere(title));
  const switchedOff = rules.filter((rule) => replaces.includes(rule.id) && isOn(rule)).map(({ title }) => title);
  return { added, there: titles.filter(isThere), switchedOff, isNothing: added.length + switchedOff.length === 0 };
}
