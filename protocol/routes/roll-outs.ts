import { z } from 'zod';
import { documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { program } from '../updates.ts';

/** How far one agent is: `left` = it was not told, with the reason. */
export const rollOutStep = z.enum(['waiting', 'asked', 'downloading', 'testing', 'trying', 'done', 'failed', 'left']);

/** An update of agents in waves: a wave begins when the one before is through, and none does after a failure. */
export const rollOut = z.object({
  id: documentId,
  version: z.string(),
  allowOlder: z.boolean(),
  /** Name of who asked for it. */
  by: z.string(),
  startedAt: instant,
  endedAt: instant.exactOptional(),
  /** `stopped`: an agent failed, so the rest was left; `cancelled`: a person said so. */
  state: z.enum(['running', 'done', 'stopped', 'cancelled']),
  agents: z.array(
    z.object({
      agentId: documentId,
      hostId: documentId,
      hostName: z.string(),
      /** Counted from 1. */
      wave: z.number().int(),
      from: z.string(),
      state: rollOutStep,
      reason: z.string().exactOptional(),
    }),
  ),
});
export type RollOut = z.infer<typeof rollOut>;

export const listReleases = route({
  id: 'agents.releases',
  method: 'GET',
  path: '/api/v1/agents/releases',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the agents that this appliance hands out: kind of program, version, size',
  query: z.object(pageQuery),
  answer: paged(z.object({ program, version: z.string(), size: z.number().int(), sha256: z.string() })),
  errors: ['not-signed-in', 'invalid-request'],
});

export const listRollOuts = route({
  id: 'agents.rollOuts',
  method: 'GET',
  path: '/api/v1/agents/roll-outs',
  access: 'viewer',
  site: 'none',
  summary: 'Lists updates of agents, newest first',
  query: z.object(pageQuery),
  answer: paged(rollOut),
  errors: ['not-signed-in', 'invalid-request'],
});

export const readRollOut = route({
  id: 'agents.rollOut',
  method: 'GET',
  path: '/api/v1/agents/roll-outs/:rollOutId',
  access: 'viewer',
  site: 'record',
  summary: 'Says how far an update of agents is',
  params: z.object({ rollOutId: documentId }),
  answer: rollOut,
  errors: ['not-signed-in', 'not-found', 'invalid-request'],
});

/** Answers at once; how it goes is told by `agents.rollOut` and by the live event `job`. */
export const startRollOut = route({
  id: 'agents.startRollOut',
  method: 'POST',
  path: '/api/v1/agents/roll-outs',
  access: 'admin',
  site: 'none',
  summary: 'Updates agents to the version of this appliance, in waves; the first failure stops it',
  body: z.object({
    agentIds: z.array(documentId).min(1).max(2_000).optional().meta({ title: 'Which agents; all that can be updated' }),
    allowOlder: z.boolean().default(false).meta({ title: 'An older version is meant' }),
  }),
  answer: rollOut,
  status: 202,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict', 'storage-unavailable'],
});

export const cancelRollOut = route({
  id: 'agents.cancelRollOut',
  method: 'POST',
  path: '/api/v1/agents/roll-outs/:rollOutId/cancel',
  access: 'admin',
  site: 'record',
  summary: 'Begins no further update; agents that are at it finish',
  params: z.object({ rollOutId: documentId }),
  answer: rollOut,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const rollOutsRoutes = [listReleases, listRollOuts, readRollOut, startRollOut, cancelRollOut] as const;
