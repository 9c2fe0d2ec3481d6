import { type AgentRecord, type ApplianceRecord, agentRecord, applianceRecord, SERVICE } from '../protocol/presence.ts';
import type { LanService } from './services.ts';

/** The two kinds of service that Reeve has. Whoever only advertises needs no schema, and takes the type from protocol/limits. */
export const APPLIANCE: LanService<ApplianceRecord> = { type: SERVICE.appliance, record: applianceRecord };
export const AGENT: LanService<AgentRecord> = { type: SERVICE.agent, record: agentRecord };
