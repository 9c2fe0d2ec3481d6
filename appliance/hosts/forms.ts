import { z } from 'zod';
import { type Host, type HostKind, hostFields, ROLES_OFFERED } from '../../protocol/hosts.ts';

type JsonSchema = Record<string, unknown>;

const { address, ...withoutAddress } = hostFields;
const { name, ...rest } = withoutAddress;
const optional = z.object(rest).partial().shape;

const schemas = {
  plain: z.object({ name, ...optional }),
  addressed: z.object({ name, address, ...optional }),
  several: z
    .object({
      addTags: hostFields.tags.meta({ title: 'Add tags', description: 'Separated by commas.', order: 1 }),
      removeTags: hostFields.tags.meta({ title: 'Take tags away', order: 2 }),
      role: hostFields.role.meta({ order: 3 }),
      location: hostFields.location.meta({ order: 4 }),
      rack: hostFields.rack.meta({ order: 5 }),
      intervalMs: hostFields.intervalMs.meta({ order: 6 }),
      parentId: hostFields.parentId.meta({ order: 7 }),
    })
    .partial(),
};

const INTERVALS = [
  { value: 1_000, title: '1 s' },
  { value: 2_000, title: '2 s' },
  { value: 5_000, title: '5 s' },
  { value: 10_000, title: '10 s' },
  { value: 30_000, title: '30 s' },
  { value: 60_000, title: '1 min' },
  { value: 300_000, title: '5 min' },
];

const ADDRESS_HINTS: Partial<Record<HostKind, string>> = {
  ssh: 'Host name or IP address, with :port where it is not 22.',
  pull: 'Where values are fetched from, such as http://192.168.1.5:9100/metrics.',
};

const sortedByName = (hosts: readonly Host[]): Host[] => [...hosts].sort((a, b) => a.name.localeCompare(b.name));

/** Forms of a host of that kind, with the words that the site's hosts use already. */
export function formsFor(kind: HostKind, hosts: readonly Host[]): Record<'add' | 'edit' | 'several', JsonSchema> {
  const used = (words: readonly (string | undefined)[]): string[] =>
    [...new Set(words.filter((word) => word !== undefined))].sort((a, b) => a.localeCompare(b));
  const tags = used(hosts.flatMap((host) => host.tags));
  const more: Record<string, object> = {
    role: { suggestions: [...new Set([...used(hosts.map((host) => host.role)), ...ROLES_OFFERED])] },
    location: { suggestions: used(hosts.map((host) => host.location)) },
    rack: { suggestions: used(hosts.map((host) => host.rack)) },
    addTags: { suggestions: tags },
    removeTags: { suggestions: tags },
    intervalMs: { choices: INTERVALS },
    parentId: { choices: sortedByName(hosts).map(({ id, name }) => ({ value: id, title: name })) },
    address: { description: ADDRESS_HINTS[kind] },
  };
  const drawn = (schema: z.ZodObject): JsonSchema => {
    const json = z.toJSONSchema(schema, { io: 'input' });
    const properties = Object.entries(json.properties ?? {}).map(([field, property]) => [
      field,
      { ...(property as object), ...more[field] },
    ]);
    return { ...json, properties: Object.fromEntries(properties) };
  };
  const one = drawn(kind in ADDRESS_HINTS ? schemas.addressed : schemas.plain);
  return { add: one, edit: one, several: drawn(schemas.several) };
}
