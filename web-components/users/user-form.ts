import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { ROLES, type Role, roleTitle } from '../roles.ts';

export type SiteRole = Exclude<Role, 'owner'>;

interface NamedSite {
  id: string;
  name: string;
}
interface Given {
  siteId: string;
  role: SiteRole;
}

/** Fields of roles begin so; the rest is the site's id. */
const PREFIX = 'role-';
const NONE = 'none';

const isSiteRole = (value: unknown): value is SiteRole => value !== 'owner' && ROLES.some((role) => role === value);

/** The form of an account with a choice for each site in the place of the list of roles. */
export function userSchema(schema: JsonSchema, sites: readonly NamedSite[]): JsonSchema {
  const { roles: _roles, ...properties } = schema.properties ?? {};
  const choices = [
    { value: NONE, title: msg('No access') },
    ...ROLES.filter(isSiteRole).map((role) => ({ value: role, title: roleTitle(role) })),
  ];
  const forSites = sites.map(({ id, name }, index): [string, JsonSchema] => [
    PREFIX + id,
    { type: 'string', title: msg('Role in {site}', { site: name }), choices, default: NONE, order: 100 + index },
  ]);
  const owner = properties.isOwner && {
    isOwner: {
      ...properties.isOwner,
      description: msg('Owners may do everything on every site, whatever roles they have.'),
    },
  };
  return { ...schema, properties: { ...properties, ...owner, ...Object.fromEntries(forSites) } };
}

/** The values of an account as that form shows them. */
export const userValues = (roles: readonly Given[]): Record<string, string> =>
  Object.fromEntries(roles.map(({ siteId, role }) => [PREFIX + siteId, role]));

/** What is sent of that form: roles as a list again. */
export function sentUser(values: Record<string, unknown>): Record<string, unknown> & { roles: Given[] } {
  const entries = Object.entries(values);
  const roles = entries.flatMap(([name, role]) =>
    name.startsWith(PREFIX) && isSiteRole(role) ? [{ siteId: name.slice(PREFIX.length), role }] : [],
  );
  return { ...Object.fromEntries(entries.filter(([name]) => !name.startsWith(PREFIX))), roles };
}
