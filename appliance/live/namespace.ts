import type { Namespace, Socket } from 'socket.io';
import type { ApplianceToDashboard, DashboardToAppliance } from '../../protocol/live.ts';
import type { Session } from '../session.ts';

type Kept = { session: Session };

export type DashboardSocket = Socket<DashboardToAppliance, ApplianceToDashboard, Record<string, never>, Kept>;
export type LiveNamespace = Namespace<DashboardToAppliance, ApplianceToDashboard, Record<string, never>, Kept>;
