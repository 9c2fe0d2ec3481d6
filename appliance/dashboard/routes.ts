import {
  changeOnboarding,
  changePreferences,
  checkSetupCode,
  readOnboarding,
  readPreferences,
} from '../../protocol/routes/dashboard.ts';
import type { Routes } from '../serve.ts';
import type { Dashboard } from './dashboard.ts';

export interface DashboardRouteParts {
  dashboard: Dashboard;
  /** Fails when the code is not that of this start, or the appliance has an owner. */
  checkCode: (code: string) => void;
}

export function serveDashboard(routes: Routes, { dashboard, checkCode }: DashboardRouteParts): void {
  routes.serve(readPreferences, ({ session }) => dashboard.preferencesOf(session.userId));

  routes.serve(changePreferences, async ({ session, body }) => {
    await dashboard.changePreferences(session.userId, body);
    return body;
  });

  routes.serve(readOnboarding, () => ({ step: dashboard.step() }));

  routes.serve(changeOnboarding, async ({ body, note }) => {
    note({ before: { step: dashboard.step() }, after: body });
    await dashboard.goTo(body.step);
    return body;
  });

  routes.serve(checkSetupCode, ({ body }) => {
    checkCode(body.code);
    return null;
  });
}
