import type { SessionAnswer } from '../protocol/routes/access.ts';
import { msg } from './msg.ts';
import type { JsonSchema } from './parts/form-schema.ts';

export type Role = SessionAnswer['role'];

/** From the least to the most; each holds what those before it may do. */
export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'owner'];

export function roleTitle(role: Role): string {
  const titles: Record<Role, string> = {
    viewer: msg('Viewer'),
    operator: msg('Operator'),
    admin: msg('Admin'),
    owner: msg('Owner'),
  };
  return titles[role];
}

/** What a role may do, in one sentence. */
export function roleMeaning(role: Role): string {
  const meanings: Record<Role, string> = {
    viewer: msg('Sees hosts, values and alerts.'),
    operator: msg('Sees everything of the site, acknowledges alerts and approves actions.'),
    admin: msg('Changes everything of the site: hosts, agents, keys, members.'),
    owner: msg('May do everything on every site, and with the appliance itself.'),
  };
  return meanings[role];
}

/** A form whose choices of roles have their titles, and none that `isOffered` leaves out. */
export function withRoleTitles(schema: JsonSchema, isOffered: (role: Role) => boolean = () => true): JsonSchema {
  const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value);
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]): [string, JsonSchema] => {
    const values = property.enum ?? [];
    if (values.length === 0 || !values.every(isRole)) return [name, property];
    const choices = values.filter(isOffered).map((role) => ({ value: role, title: roleTitle(role) }));
    return [name, { ...property, choices }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
