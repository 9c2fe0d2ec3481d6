import type { HostSelection, Origin, Rule } from '../../protocol/alerts.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { msg, plural } from '../msg.ts';
import { spanText } from '../times.ts';

type Named = (hostId: string) => string | undefined;

const listed = (words: readonly string[], most = 3): string =>
  words.length <= most
    ? words.join(', ')
    : msg('{some} and {count} more', { some: words.slice(0, most).join(', '), count: words.length - most });

/** Which hosts a rule is about, in words; `nameOf` knows the hosts of the site. */
export function hostsText({ tags, hostIds, exceptTags }: HostSelection, nameOf: Named): string {
  const names = hostIds.map((id) => nameOf(id) ?? msg('a host that is gone'));
  const parts = [
    ...(tags.length > 0 ? [msg('tagged {tags}', { tags: listed(tags) })] : []),
    ...(names.length > 0 ? [listed(names)] : []),
  ];
  const some = parts.length > 0 ? parts.join(msg(' and ')) : msg('All hosts');
  return exceptTags.length > 0
    ? msg('{hosts}, but not tagged {tags}', { hosts: some, tags: listed(exceptTags) })
    : some;
}

/** What a rule says, in one line: `Processor above 90 % for 5 min`. */
export function ruleText(
  rule: Pick<Rule, 'says' | 'forMs' | 'metric' | 'attributes' | 'condition' | 'isBuiltIn' | 'changed'>,
  described: Pick<Descriptor, 'title'> | undefined,
): string {
  const { says, forMs, metric, attributes } = rule;
  // The title of a built-in rule about a state says what is wrong; "is 0" beside it would say nothing more.
  if (rule.isBuiltIn && rule.changed.length === 0 && rule.condition.id === 'equals')
    return forMs > 0 ? msg('When it lasts {span}', { span: spanText(forMs) }) : msg('At once');
  const named = attributes.map(({ value }) => value).join(' ');
  const subject =
    metric === undefined ? '' : [described?.title ?? metric, named].filter((word) => word !== '').join(' ');
  const text = subject === '' ? says.charAt(0).toUpperCase() + says.slice(1) : `${subject} ${says}`;
  return forMs > 0 ? msg('{text} for {span}', { text, span: spanText(forMs) }) : text;
}

/** What is different from how the rule came, or how it is for some hosts. */
export function changesText({ isBuiltIn, changed, overrides }: Rule): string[] {
  const lines: string[] = [];
  if (!isBuiltIn) lines.push(msg('your own'));
  else if (changed.length > 0) lines.push(msg('changed'));
  if (overrides.length > 0)
    lines.push(plural(overrides.length, { one: '{count} override', other: '{count} overrides' }));
  return lines;
}

/** Where a value that holds for a host comes from. */
export function originText({ from, tag }: { from: Origin; tag?: string }): string {
  const words: Record<Origin, string> = {
    'built-in': msg('as it came'),
    rule: msg('from the rule'),
    site: msg('from site default'),
    tag: msg('from tag {tag}', { tag: tag ?? '' }),
    host: msg('for this host'),
  };
  return words[from];
}
