import type { Host } from '../../protocol/hosts.ts';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { formatSpan } from '../times.ts';
import { learntText } from './depends-on.ts';

/** What people may change of a host, with what the agent says beside it. */
export function drawn(form: JsonSchema, { facts, intervalMs, isIntervalOwn, learntParent }: Host): JsonSchema {
  const { hostName, addresses, macs, parentId, intervalMs: interval, ...rest } = form.properties ?? {};
  const beside = (field: JsonSchema | undefined, found: string | undefined): JsonSchema => ({
    ...field,
    ...(found && { description: msg('The agent says: {found}', { found }) }),
  });
  // One that insists can only be changed on its machine.
  const offered = isIntervalOwn ? [] : (interval?.choices ?? []);
  const isOffered = offered.some(({ value }) => value === intervalMs);
  return {
    ...form,
    properties: {
      ...rest,
      hostName: beside(hostName, facts?.hostName),
      addresses: beside(addresses, facts?.addresses.join(', ')),
      macs: beside(macs, facts?.macs.join(', ')),
      ...(parentId && { parentId: withLearnt(parentId, learntParent) }),
      intervalMs: {
        ...interval,
        description: isIntervalOwn
          ? msg('This machine insists on it, by --interval, REEVE_INTERVAL or its own file: it is changed there.')
          : msg('How often the agent reads and sends. While this page is open it also shows samples of every second.'),
        choices: isOffered ? offered : [...offered, { value: intervalMs, title: formatSpan(intervalMs) }],
      },
    },
  };
}

/** Says what holds as long as nothing is chosen. */
function withLearnt(field: JsonSchema, learnt: Host['learntParent']): JsonSchema {
  const name = field.choices?.find(({ value }) => value === learnt?.id)?.title;
  if (!learnt || name === undefined) return field;
  const text = msg('{how}: {name}. Choose one to say otherwise.', { how: learntText(learnt), name });
  return { ...field, description: text };
}

export type Values = Record<string, unknown>;
/** What cannot be taken away. */
const KEPT = ['name', 'tags', 'intervalMs'];

/** Every field of the form as it is to be sent: one that was emptied is absent from the form's values, and is to go. */
export const filled = (form: JsonSchema, from: Values): Values =>
  Object.fromEntries(
    Object.keys(form.properties ?? {}).map((name) => [name, from[name] ?? (KEPT.includes(name) ? undefined : null)]),
  );
