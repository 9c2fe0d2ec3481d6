import type { Alert } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import { hostQuietSpans, listSilenced } from '../../protocol/routes/silences.ts';
import { pageOf } from '../paging.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { type MaintenanceRouteParts, serveMaintenance } from './maintenance-routes.ts';
import { meansHost } from './match.ts';
import { serveSilences } from './silence-routes.ts';

export interface IncidentRouteParts extends MaintenanceRouteParts {
  hostsOf(session: Session): readonly Host[];
  /** Alerts of a site that are not over. */
  openAlerts(siteId: string): readonly Alert[];
}

/** Silences and maintenance for those who plan them, and what they keep quiet. */
export function serveIncidents(routes: Routes, parts: IncidentRouteParts): void {
  serveSilences(routes, parts);
  serveMaintenance(routes, parts);
  const { quiet, now, hostsOf, visible, openAlerts } = parts;

  routes.serve(listSilenced, ({ session, query }) => {
    const hosts = hostsOf(session);
    const open = openAlerts(session.siteId);
    const items = quiet.now(session.siteId, now()).map((each) => ({
      ...each,
      hosts: hosts.filter((host) => meansHost(each.match, host)).length,
      alertIds: open.filter(({ held }) => held?.id === each.id).map(({ id }) => id),
    }));
    return pageOf(
      items.sort((a, b) => (a.id < b.id ? -1 : 1)),
      query,
      ({ id }) => id,
    );
  });

  routes.serve(hostQuietSpans, ({ session, params, query }) => ({
    items: quiet.ofHost(visible(session, params.hostId), query),
  }));
}
