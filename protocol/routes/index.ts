import type { Route } from '../route.ts';
import { accessRoutes } from './access.ts';
import { accountRoutes } from './account.ts';
import { agentsRoutes } from './agents.ts';
import { alertRulesRoutes } from './alert-rules.ts';
import { alertsRoutes } from './alerts.ts';
import { apiRoutes } from './api.ts';
import { auditJoinsRoutes } from './audit-joins.ts';
import { auditKeysRoutes } from './audit-keys.ts';
import { auditTargetsRoutes } from './audit-targets.ts';
import { auditWaiversRoutes } from './audit-waivers.ts';
import { auditsRoutes } from './audits.ts';
import { backupsRoutes } from './backups.ts';
import { boardsRoutes } from './boards.ts';
import { costRoutes } from './cost.ts';
import { dashboardRoutes } from './dashboard.ts';
import { devicesRoutes } from './devices.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history.ts';
import { hostsRoutes } from './hosts.ts';
import { installersRoutes } from './installers.ts';
import { installsRoutes } from './installs.ts';
import { jobsRoutes } from './jobs.ts';
import { joiningRoutes } from './joining.ts';
import { keysRoutes } from './keys.ts';
import { machineRoutes } from './machine.ts';
import { networkRoutes } from './network.ts';
import { notificationsRoutes } from './notifications.ts';
import { powerSourceRoutes } from './power-sources.ts';
import { processesRoutes } from './processes.ts';
import { pushRoutes } from './push.ts';
import { rollOutsRoutes } from './roll-outs.ts';
import { servicesRoutes } from './services.ts';
import { settingsRoutes } from './settings.ts';
import { silencesRoutes } from './silences.ts';
import { sitesRoutes } from './sites.ts';
import { systemRoutes } from './system.ts';
import { tariffRoutes } from './tariffs.ts';
import { trailRoutes } from './trail.ts';
import { usersRoutes } from './users.ts';

/** Every route of the appliance. `serve` refuses to start while one of them has no handler. */
export const routes = [
  ...healthRoutes,
  ...accessRoutes,
  ...dashboardRoutes,
  ...boardsRoutes,
  ...accountRoutes,
  ...usersRoutes,
  ...sitesRoutes,
  ...keysRoutes,
  ...hostsRoutes,
  ...servicesRoutes,
  ...processesRoutes,
  ...agentsRoutes,
  ...installersRoutes,
  ...rollOutsRoutes,
  ...joiningRoutes,
  ...historyRoutes,
  ...notificationsRoutes,
  ...pushRoutes,
  ...settingsRoutes,
  ...systemRoutes,
  ...machineRoutes,
  ...jobsRoutes,
  ...trailRoutes,
  ...apiRoutes,
  ...backupsRoutes,
  ...alertsRoutes,
  ...alertRulesRoutes,
  ...silencesRoutes,
  ...auditKeysRoutes,
  ...auditTargetsRoutes,
  ...auditsRoutes,
  ...auditWaiversRoutes,
  ...auditJoinsRoutes,
  ...costRoutes,
  ...tariffRoutes,
  ...powerSourceRoutes,
  ...networkRoutes,
  ...devicesRoutes,
  ...installsRoutes,
] as const satisfies readonly Route[];

type AnyRoute = (typeof routes)[number];
type KeyOf<R extends Route> = `${R['method']} ${R['path']}`;

/** Looked up by key: with a hundred routes a search through the union is more than the compiler wants to do. */
type Table = { [R in AnyRoute as KeyOf<R>]: R };

/** `'GET /api/v1/hosts'` and so on. */
export type RouteKey = keyof Table;

/** The route behind a key; lets a client be typed without importing any schema. */
export type RouteByKey<K extends RouteKey> = Table[K];
