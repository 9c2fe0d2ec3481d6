import type { Route } from '../route.ts';
import { accessRoutes } from './access.ts';
import { agentsRoutes } from './agents.ts';
import { dashboardRoutes } from './dashboard.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history.ts';
import { hostsRoutes } from './hosts.ts';
import { jobsRoutes } from './jobs.ts';
import { settingsRoutes } from './settings.ts';
import { systemRoutes } from './system.ts';

/** Every route of the appliance. `serve` refuses to start while one of them has no handler. */
export const routes = [
  ...healthRoutes,
  ...accessRoutes,
  ...dashboardRoutes,
  ...hostsRoutes,
  ...agentsRoutes,
  ...historyRoutes,
  ...settingsRoutes,
  ...systemRoutes,
