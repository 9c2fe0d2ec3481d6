import { z } from 'zod';
import { hostFacts } from '../../protocol/agent-link.ts';
import { backupAnswer, restoreState } from '../../protocol/backups.ts';
import { host } from '../../protocol/hosts.ts';
import { jobAnswer, jobProgress, jobRun } from '../../protocol/jobs.ts';
import { descriptor } from '../../protocol/metrics.ts';
import { sessionAnswer, sessionRecord } from '../../protocol/routes/access.ts';
import { account } from '../../protocol/routes/account.ts';
import { agent, enrolToken } from '../../protocol/routes/agents.ts';
import { snapshotHost, snapshotValue } from '../../protocol/routes/api.ts';
import { historyAnswer, historyHost } from '../../protocol/routes/history.ts';
import { apiKey } from '../../protocol/routes/keys.ts';
import { settingsSection } from '../../protocol/routes/settings.ts';
import { site } from '../../protocol/routes/sites.ts';
import { trailEntry, trailVerdict } from '../../protocol/routes/trail.ts';
import { user } from '../../protocol/routes/users.ts';

/** Answers that have a name of their own in the OpenAPI document; the others stand where they are used. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  ...{
    Account: account,
    Agent: agent,
    ApiKey: apiKey,
    Backup: backupAnswer,
    Descriptor: descriptor,
    EnrolToken: enrolToken,
  },
  ...{
    History: historyAnswer,
    HistoryHost: historyHost,
    Host: host,
    HostFacts: hostFacts,
    Job: jobAnswer,
    JobRun: jobRun,
  },
  ...{
    JobProgress: jobProgress,
    Restore: restoreState,
    Session: sessionAnswer,
    SessionRecord: sessionRecord,
    Site: site,
  },
  ...{ SettingsSection: settingsSection, SnapshotHost: snapshotHost, SnapshotValue: snapshotValue, User: user },
  ...{ TrailEntry: trailEntry, TrailVerdict: trailVerdict },
};

type Names = { id?: string };

/** Finds the names while schemas are written as JSON Schema. */
export function namedSchemas(): z.core.$ZodRegistry<Names> {
  const names = z.registry<Names>();
  for (const [id, schema] of Object.entries(NAMED)) names.add(schema, { id });
  return names;
}
