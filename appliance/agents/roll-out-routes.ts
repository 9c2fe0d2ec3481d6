import type { Ceiling } from '../../protocol/ceiling.ts';
import {
  cancelRollOut,
  listReleases,
  listRollOuts,
  type RollOut,
  readRollOut,
  startRollOut,
} from '../../protocol/routes/roll-outs.ts';
import { pageOf, sorted } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { AgentRecord } from './documents.ts';
import { updateStateOf } from './orders.ts';
import type { Registry } from './registry.ts';
import { asRollOut } from './roll-out-records.ts';
import type { RollOuts } from './roll-outs.ts';

export interface RollOutRouteParts {
  registry: Registry;
  rollOuts: RollOuts;
  mayOf(hostId: string): Ceiling | undefined;
  /** Has the job carry out what is on record. */
  carryOut(by: string): Promise<void>;
}

/** Newest first. */
const order = ({ id, startedAt }: RollOut): string =>
  String(Number.MAX_SAFE_INTEGER - startedAt).padStart(16, '0') + id;

export function serveRollOuts(routes: Routes, { registry, rollOuts, mayOf, carryOut }: RollOutRouteParts): void {
  routes.serve(listReleases, ({ query }) => {
    const programs = rollOuts.releases.map(({ platform, version, size, sha256 }) => ({
      program: platform,
      version,
      size,
      sha256,
    }));
    const byProgram = ({ program }: { program: string }): string => program;
    return pageOf(sorted(programs, byProgram), query, byProgram);
  });
  routes.serve(listRollOuts, ({ session, query }) =>
    pageOf(sorted(rollOuts.list(session.siteId).map(asRollOut), order), query, order),
  );
  routes.serve(readRollOut, ({ session, params }) => asRollOut(rollOuts.need(session.siteId, params.rollOutId)));
  routes.serve(cancelRollOut, async ({ session, params }) =>
    asRollOut(await rollOuts.cancel(session.siteId, params.rollOutId)),
  );
  routes.serve(startRollOut, async ({ session, body: { agentIds, allowOlder }, note }) => {
    const asked = agentIds?.map((id) => registry.need(session.siteId, id)) ?? registry.list(session.siteId);
    const state = (agent: AgentRecord) => updateStateOf(agent, mayOf(agent.hostId), rollOuts.releases);
    const fit = asked.filter((agent) => {
      const is = state(agent);
      return agent.state === 'active' && (is === 'ready' || (allowOlder && is === 'newer'));
    });
    if (fit.length === 0) throw new Problem('invalid-request', noneFit(asked.map(state)));
    const added = await rollOuts.add(session.siteId, fit, { by: session.userName, allowOlder });
    note({ detail: { rollOutId: added.id, version: added.version, agents: fit.length, allowOlder } });
    await carryOut(session.userName);
    return asRollOut(added);
  });
}

const WHY: Partial<Record<ReturnType<typeof updateStateOf>, string>> = {
  'not-allowed': 'Their own files do not allow it: on each machine, sudo reeve-agent ceiling allow update_agent',
  'too-old': 'They are too old to update themselves: run the line of "Add host" on each machine',
  'no-release': 'This appliance has no executable for them: "Executables" in docs/agent.md says how it gets one',
  newer: 'They are newer than what this appliance has; say that an older version is meant',
  current: 'They have the version of this appliance already',
};

const noneFit = (states: readonly ReturnType<typeof updateStateOf>[]): string => {
  const [why] = Object.entries(WHY).flatMap(([state, words]) => (states.some((each) => each === state) ? [words] : []));
  return `None of these agents can be updated. ${why ?? 'There is none'}.`;
};
