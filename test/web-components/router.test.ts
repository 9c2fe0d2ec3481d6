import { describe, expect, test } from 'vitest';
import { changedQuery, matchPage, matchPath } from '../../web-components/router.ts';

describe('a path', () => {
  test('fits its pattern and gives its parameters', () => {
    expect(matchPath('/hosts/:hostId/:tab?', '/hosts/a%20b/metrics')).toEqual({ hostId: 'a b', tab: 'metrics' });
    expect(matchPath('/hosts/:hostId/:tab?', '/hosts/x/')).toEqual({ hostId: 'x' });
    expect(matchPath('/', '/')).toEqual({});
  });

  test('that is longer, shorter or other fits none', () => {
    for (const path of ['/hosts', '/hosts/a/b/c', '/racks/a']) {
      expect(matchPath('/hosts/:hostId/:tab?', path)).toBeUndefined();
    }
  });

  test('with broken escapes is taken as it stands', () => {
    expect(matchPath('/hosts/:hostId', '/hosts/%E0%A4%A')).toEqual({ hostId: '%E0%A4%A' });
  });

  test('leads to the first page that fits', () => {
    const pages = [{ path: '/' }, { path: '/hosts/:id' }, { path: '/:any' }];
    expect(matchPage(pages, '/hosts/7')).toEqual({ page: pages[1], params: { id: '7' } });
    expect(matchPage(pages, '/a/b/c')).toBeUndefined();
  });
});

describe('a query', () => {
  test('changes only what is named, and loses what is empty', () => {
    expect(changedQuery('?tag=dns&sort=cpu', { sort: '-cpu', view: 'table' })).toBe('?tag=dns&sort=-cpu&view=table');
    expect(changedQuery('?tag=dns', { tag: '' })).toBe('');
    expect(changedQuery('?tag=dns', { tag: undefined, search: 'a b' })).toBe('?search=a+b');
  });
});
