import { createSite, editSite, listSites, removeSite, type Site as SiteAnswer } from '../../protocol/routes/sites.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Role } from '../session.ts';
import type { Access } from './access.ts';

export interface SiteParts {
  access: Access;
  now: () => number;
  /** How many hosts a site has, and how they are. */
  hostsOf(siteId: string): Pick<SiteAnswer, 'hosts' | 'online' | 'stale' | 'offline' | 'lastReportAt'>;
}

export function serveSites(routes: Routes, { access, now, hostsOf }: SiteParts): void {
  const { sites } = access;
  const describe = (siteId: string, role: Role): SiteAnswer => {
    const { id, rev, name, createdAt } = sites.need(siteId);
    return { id, rev, name, createdAt, role, ...hostsOf(id), isFirst: id === access.site?.id };
  };

  routes.serve(listSites, ({ session, query }) => {
    const page = pageOf(access.enterable(session), query, ({ id }) => id);
    return { ...page, items: page.items.map(({ id, role }) => describe(id, role)) };
  });

  routes.serve(createSite, async ({ body, note }) => {
    const { id, name } = await sites.add(body.name, now());
    note({ detail: { siteId: id }, after: { name } });
    return describe(id, 'owner');
  });

  routes.serve(editSite, async ({ params, body, note }) => {
    const { name } = sites.need(params.siteId);
    await sites.rename(params.siteId, body.name, body.rev);
    note({ before: { name }, after: { name: body.name } });
    return describe(params.siteId, 'owner');
  });

  routes.serve(removeSite, async ({ params, note }) => {
    const { id, name } = sites.need(params.siteId);
    if (id === access.site?.id)
      throw new Problem(
        'site-in-use',
        'This is the first site: the appliance’s own machine belongs to it. Rename it instead',
      );
    const { hosts } = hostsOf(id);
    if (hosts > 0)
      throw new Problem('site-in-use', `This site has ${hosts} ${hosts === 1 ? 'host' : 'hosts'}: remove them first`);
    await access.removeSite(id);
    note({ before: { name } });
    return null;
  });
}
