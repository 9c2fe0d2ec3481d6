import { z } from 'zod';
import { documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { password, role, siteRole, userName } from './access.ts';

const roles = z
  .array(z.object({ siteId: documentId.meta({ title: 'Site' }), role: siteRole }))
  .max(1_000)
  .refine((given) => new Set(given.map(({ siteId }) => siteId)).size === given.length, 'name each site once')
  .meta({ title: 'Roles, site by site' });

const isOwner = z.boolean().meta({ title: 'Owner of the whole appliance' });

/** An account, as owners see it. */
export const user = z.object({
  id: documentId,
  rev: z.number().int(),
  userName: z.string(),
  isOwner: z.boolean(),
  roles: z.array(z.object({ siteId: documentId, role: siteRole })),
  hasSecondFactor: z.boolean(),
  createdAt: instant,
  /** When somebody last did something with it, within some minutes. */
  lastSeenAt: instant.exactOptional(),
});
export type User = z.infer<typeof user>;

const forOwners = { access: 'owner', site: 'none' } as const;
const params = z.object({ userId: documentId });

export const listUsers = route({
  id: 'users.list',
  method: 'GET',
  path: '/api/v1/users',
  ...forOwners,
  summary: 'Lists the accounts',
  query: z.object(pageQuery),
  answer: paged(user),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const readUser = route({
  id: 'users.read',
  method: 'GET',
  path: '/api/v1/users/:userId',
  ...forOwners,
  summary: 'Reads one account',
  params,
  answer: user,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const createUserForm = z.object({
  userName: userName.meta({ title: 'User name', order: 1 }),
  password: password.meta({ title: 'Password', secret: true, order: 2 }),
  isOwner: isOwner.default(false).meta({ order: 3 }),
  roles: roles.default([]).meta({ order: 4 }),
});

export const createUser = route({
  id: 'users.create',
  method: 'POST',
  path: '/api/v1/users',
  ...forOwners,
  summary: 'Makes an account',
  body: createUserForm,
  answer: user,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'conflict'],
});

export const editUserForm = z.object({
  rev: z.number().int(),
  userName: userName.optional().meta({ title: 'User name', order: 1 }),
  isOwner: isOwner.optional().meta({ order: 2 }),
  roles: roles.optional().meta({ order: 3 }),
});

/** `rev` is the revision the editor saw; another one meanwhile is a conflict, not a silent overwrite. */
export const editUser = route({
  id: 'users.edit',
  method: 'PATCH',
  path: '/api/v1/users/:userId',
  ...forOwners,
  summary: 'Changes name, roles or ownership of an account',
  params,
  body: editUserForm,
  answer: user,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict', 'last-owner'],
});

export const removeUser = route({
  id: 'users.remove',
  method: 'DELETE',
  path: '/api/v1/users/:userId',
  ...forOwners,
  summary: 'Removes an account and ends its sessions',
  params,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'own-account', 'last-owner'],
});

export const resetPasswordForm = z.object({ password: password.meta({ title: 'New password', secret: true }) });

/** For others only: whoever changes the own one has to know it. */
export const resetPassword = route({
  id: 'users.resetPassword',
  method: 'PUT',
  path: '/api/v1/users/:userId/password',
  ...forOwners,
  summary: 'Gives an account another password and ends its sessions',
  params,
  body: resetPasswordForm,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'own-account'],
});

export const resetSecondFactor = route({
  id: 'users.resetSecondFactor',
  method: 'DELETE',
  path: '/api/v1/users/:userId/second-factor',
  ...forOwners,
  summary: 'Switches the second factor of an account off, whose owner has lost it',
  params,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'own-account'],
});

/** Somebody who may enter this site, as its admins see them: nothing of other sites. */
export const member = z.object({ userId: documentId, userName: z.string(), role });

const ofSite = { access: 'admin', site: 'none' } as const;

export const listMembers = route({
  id: 'members.list',
  method: 'GET',
  path: '/api/v1/members',
  ...ofSite,
  summary: 'Lists who may enter this site, owners included',
  query: z.object(pageQuery),
  answer: paged(member),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const changeMemberForm = z.object({
  /** The role that the editor saw; another one meanwhile is a conflict. */
  was: siteRole.meta({ title: 'Role until now' }),
  role: siteRole,
});

export const changeMember = route({
  id: 'members.change',
  method: 'PATCH',
  path: '/api/v1/members/:userId',
  ...ofSite,
  summary: 'Changes what somebody may do in this site',
  params,
  body: changeMemberForm,
  answer: member,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict'],
});

export const removeMember = route({
  id: 'members.remove',
  method: 'DELETE',
  path: '/api/v1/members/:userId',
  ...ofSite,
  summary: 'Takes somebody out of this site',
  params,
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const usersRoutes = [
  listUsers,
  createUser,
  readUser,
  editUser,
  removeUser,
  resetPassword,
  resetSecondFactor,
  listMembers,
  changeMember,
  removeMember,
] as const;
