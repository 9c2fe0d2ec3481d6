import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import { fieldsOf, type JsonSchema } from '../parts/form-schema.ts';
import type { Channel, ChannelKind } from './words.ts';

/** Name of the field for the channel's own name; those of kinds are words of their settings. */
const NAME = 'channel-name';

/** The form of a channel: its name, then what its kind needs. */
export function channelSchema({ form }: Pick<ChannelKind, 'form'>): JsonSchema {
  const schema = form as JsonSchema;
  return {
    ...schema,
    properties: { [NAME]: { type: 'string', title: msg('Name'), order: 0 }, ...withOrder(schema.properties ?? {}) },
    required: [NAME, ...(schema.required ?? [])],
  };
}

const withOrder = (fields: Record<string, JsonSchema>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, order: field.order ?? 7 }]));

/** What the form shows of a channel; secrets as `{set: true}`. */
export const channelValues = (channel: Channel | undefined, kind: ChannelKind): Record<string, unknown> =>
  channel ? { ...channel.value, [NAME]: channel.name } : { [NAME]: kind.title };

/** Name and settings of what was typed. A secret that stays is sent as it was shown. */
export function sentChannel(values: Readonly<Record<string, unknown>>, kind: ChannelKind) {
  const { [NAME]: name, ...typed } = values;
  const known = fieldsOf(kind.form as JsonSchema).map((field) => field.name);
  const value = Object.fromEntries(Object.entries(typed).filter(([field]) => known.includes(field)));
  return { name: String(name ?? ''), value };
}

/** Problems of the API at the fields of the form. */
export const atChannel = ({ path, message }: FieldProblem): FieldProblem => ({
  path: path.replace(/^body\.value\./, '').replace(/^body\.name$/, NAME),
  message,
});
