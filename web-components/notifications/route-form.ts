import type { RouteFields } from '../../protocol/notifications.ts';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { SEVERITIES, severityWord } from '../severity.ts';
import { CATEGORY_IDS, type Channel, categoryWord } from './words.ts';

/** The form of a route: which messages, to which channels, when. */
export function routeSchema(
  schema: JsonSchema,
  { channels, tags }: { channels: readonly Channel[]; tags: readonly string[] },
): JsonSchema {
  const own = schema.properties ?? {};
  const picks = (title: string, choices: JsonSchema['choices'], rest: JsonSchema = {}): JsonSchema => ({
    ...{ type: 'array', widget: 'picks', title, choices },
    ...rest,
  });
  const fields: Record<string, JsonSchema | undefined> = {
    title: { ...own.title, title: msg('Title') },
    isEnabled: { ...own.isEnabled, title: msg('On') },
    severities: picks(
      msg('Severities'),
      SEVERITIES.map((value) => ({ value, title: severityWord(value) })),
      { empty: msg('none picked: all') },
    ),
    categories: picks(
      msg('About'),
      CATEGORY_IDS.map((value) => ({ value, title: categoryWord(value) })),
      { empty: msg('none picked: everything') },
    ),
    tags: picks(
      msg('Hosts with any of these tags'),
      tags.map((value) => ({ value, title: value })),
      { widget: 'words', description: msg('None: all hosts.') },
    ),
    channelIds: picks(
      msg('Go to'),
      channels.map(({ id, name, isEnabled }) => ({
        value: id,
        title: isEnabled ? name : msg('{name} (off)', { name }),
      })),
    ),
    afterMinutes: own.afterMinutes && {
      ...own.afterMinutes,
      title: msg('Only after, minutes'),
      description: msg('Escalation: when nobody acknowledged, snoozed or ended it for so long. 0: at once.'),
    },
    tellsEnd: { ...own.tellsEnd, title: msg('Tell also when it is over') },
  };
  const entries = Object.entries(fields).flatMap(([name, field]): [string, JsonSchema][] =>
    field ? [[name, field]] : [],
  );
  return {
    properties: Object.fromEntries(entries.map(([name, field], order) => [name, { ...field, order }])),
    required: ['title', 'channelIds'],
  };
}

/** What is sent of the form's values. */
export const sentRoute = (values: Readonly<Record<string, unknown>>): RouteFields => ({
  ...({ severities: [], categories: [], tags: [], afterMinutes: 0 } as Partial<RouteFields>),
  ...(values as unknown as RouteFields),
});
