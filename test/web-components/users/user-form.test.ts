import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createUserForm } from '../../../protocol/routes/users.ts';
import { fieldsOf, type JsonSchema } from '../../../web-components/parts/form-schema.ts';
import { withRoleTitles } from '../../../web-components/roles.ts';
import { sentUser, userSchema, userValues } from '../../../web-components/users/user-form.ts';

const HOME = '0190a000-0000-7000-8000-000000000001';
const OFFICE = '0190a000-0000-7000-8000-000000000002';
const sites = [
  { id: HOME, name: 'Home' },
  { id: OFFICE, name: 'Office' },
];
const schema = z.toJSONSchema(createUserForm, { io: 'input' }) as JsonSchema;

describe('the form of an account', () => {
  test('asks for the role in each site by name, in the place of a list', () => {
    const titles = fieldsOf(userSchema(schema, sites)).map(({ title }) => title);
    expect(titles).toEqual(['User name', 'Password', 'Owner of the whole appliance', 'Role in Home', 'Role in Office']);
  });

  test('offers no access and the three roles of a site, never ownership', () => {
    const field = fieldsOf(userSchema(schema, sites)).find(({ title }) => title === 'Role in Home');
    expect(field?.choices.map(({ value }) => value)).toEqual(['none', 'viewer', 'operator', 'admin']);
    expect(field?.initial).toBe('none');
  });

  test('is sent as the appliance wants it, and sites without access are left out', () => {
    const values = { userName: 'vera', password: 'a long enough password', isOwner: false };
    const sent = sentUser({
      ...values,
      ...userValues([{ siteId: OFFICE, role: 'operator' }]),
      [`role-${HOME}`]: 'none',
    });
    expect(sent).toEqual({ ...values, roles: [{ siteId: OFFICE, role: 'operator' }] });
    expect(createUserForm.safeParse(sent).success).toBe(true);
  });

  test('takes no role that is none', () => {
    expect(sentUser({ [`role-${HOME}`]: 'owner', [`role-${OFFICE}`]: 'root' }).roles).toEqual([]);
  });
});

test('roles have titles in a form, and what is not offered is not there', () => {
  const form = { properties: { role: { enum: ['viewer', 'admin', 'owner'] }, size: { enum: ['big'] } } };
  const { properties } = withRoleTitles(form, (role) => role !== 'owner');
  expect(properties?.role?.choices).toEqual([
    { value: 'viewer', title: 'Viewer' },
    { value: 'admin', title: 'Admin' },
  ]);
  expect(properties?.size).toEqual({ enum: ['big'] });
});
