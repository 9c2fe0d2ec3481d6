import { describe, expect, test } from 'vitest';
import type { Page } from '../../../web-components/pages/page.ts';
import { addressOf, currentness, groupPlaces, placesFor, railPlaces } from '../../../web-components/shell/places.ts';

const page = (id: string, rest: Partial<Page> = {}): Page => ({
  id,
  title: () => id,
  path: `/${id}`,
  tag: 'x',
  load: async () => 0,
  ...rest,
});

const fleet = page('fleet', { path: '/', nav: { icon: 'fleet' } });
const host = page('host', { path: '/hosts/:hostId/:tab?', within: 'fleet' });
const general = page('general', { nav: { icon: 'settings', title: () => 'Settings' }, group: 'settings' });
const sites = page('sites', { group: 'settings', access: 'owner' });
const keys = page('keys', { path: '/keys/:keyId?', group: 'settings', access: 'admin' });
const all = [fleet, host, general, sites, keys];

const RANK = { viewer: 0, operator: 1, admin: 2, owner: 3 };
const as = (role: keyof typeof RANK) => (least: keyof typeof RANK) => RANK[role] >= RANK[least];
const ids = (pages: readonly Page[]) => pages.map(({ id }) => id);

describe('places', () => {
  test('a group takes one place in the navigation', () => {
    expect(ids(railPlaces(all, as('owner')))).toEqual(['fleet', 'general']);
  });

  test('the list beside a page of a group holds what the role opens', () => {
    expect(ids(groupPlaces(all, keys, as('owner')))).toEqual(['general', 'sites', 'keys']);
    expect(ids(groupPlaces(all, keys, as('admin')))).toEqual(['general', 'keys']);
  });

  test('there is no list of one, and none beside a page of no group', () => {
    expect(groupPlaces(all, general, as('viewer'))).toEqual([]);
    expect(groupPlaces(all, fleet, as('owner'))).toEqual([]);
    expect(groupPlaces(all, undefined, as('owner'))).toEqual([]);
  });

  test('what is reached from another page is no place', () => {
    expect(ids(placesFor(all, as('operator')))).toEqual(['fleet', 'general']);
  });

  test('an address leaves the parameters out', () => {
    expect(all.map(addressOf)).toEqual(['/', '/hosts', '/general', '/sites', '/keys']);
  });

  test('a place is marked for itself, for its group and for pages within it', () => {
    expect(currentness(general, general)).toBe('page');
    expect(currentness(general, sites)).toBe('true');
    expect(currentness(fleet, host)).toBe('true');
    expect(currentness(fleet, sites)).toBe('false');
    expect(currentness(fleet, undefined)).toBe('false');
  });
});
