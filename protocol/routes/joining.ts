import { z } from 'zod';
import { displayName, documentId, instant } from '../identity.ts';
import { digits, joinConfirm, joinDone, joinLook, joinOffer, joinReveal, joinStart, joinState } from '../joining.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

/** First of four steps by which an agent without a token joins: see docs/security.md, "Six digits". */
export const startJoin = route({
  id: 'agents.joinStart',
  method: 'POST',
  path: '/api/v1/pairing/join',
  access: 'public',
  site: 'none',
  summary: 'An agent without a token asks to join',
  body: joinStart,
  answer: joinOffer,
  errors: ['invalid-request', 'too-many-requests', 'peer-version'],
});

export const revealJoin = route({
  id: 'agents.joinReveal',
  method: 'POST',
  path: '/api/v1/pairing/join/reveal',
  access: 'public',
  site: 'none',
  summary: 'The agent opens its commitment: both sides know the six digits',
  body: joinReveal,
  answer: joinState,
  errors: ['invalid-request', 'pairing-refused', 'too-many-requests'],
});

export const lookAtJoin = route({
  id: 'agents.joinLook',
  method: 'POST',
  path: '/api/v1/pairing/join/look',
  access: 'public',
  site: 'none',
  summary: 'The agent looks what became of its request',
  body: joinLook,
  answer: joinState,
  errors: ['invalid-request', 'pairing-refused', 'too-many-requests'],
});

export const confirmJoin = route({
  id: 'agents.joinConfirm',
  method: 'POST',
  path: '/api/v1/pairing/join/confirm',
  access: 'public',
  site: 'none',
  summary: 'The agent was confirmed on its host: with the digits typed in the dashboard before, it is paired',
  body: joinConfirm,
  answer: joinDone,
  errors: ['invalid-request', 'pairing-refused', 'too-many-requests'],
});

/** An agent that asks to be let in: unverified, name and version are only what it says. */
export const joinRequest = z.object({
  id: documentId,
  name: z.string(),
  version: z.string(),
  address: z.string(),
  askedAt: instant,
  expiresAt: instant,
  /**
   * `accepted`: its digits were typed right; it waits for `reeve-agent confirm` on the host, and is unverified until then. `joined`: it
   * is in, as `hostId`; told for half a minute.
   */
  state: z.enum(['waiting', 'accepted', 'joined']),
  hostId: documentId.exactOptional(),
  /** Tries that are left to type the digits. */
  triesLeft: z.number().int(),
});
export type JoinRequestAnswer = z.infer<typeof joinRequest>;

export const listJoins = route({
  id: 'agents.listJoins',
  method: 'GET',
  path: '/api/v1/agents/joins',
  access: 'admin',
  site: 'none',
  summary: 'Lists the agents that ask to join',
  query: z.object(pageQuery),
  answer: paged(joinRequest),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

/** The agent comes into the site of who accepts it, once it was confirmed on its host. */
export const acceptJoin = route({
  id: 'agents.acceptJoin',
  method: 'POST',
  path: '/api/v1/agents/joins/:joinRequestId/accept',
  access: 'admin',
  site: 'none',
  summary: 'Compares the six digits that the host shows',
  params: z.object({ joinRequestId: documentId }),
  body: z.object({
    digits: digits.meta({ title: 'Six digits' }),
    name: displayName.optional().meta({ title: 'Name of the host' }),
  }),
  answer: joinRequest,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const refuseJoin = route({
  id: 'agents.refuseJoin',
  method: 'POST',
  path: '/api/v1/agents/joins/:joinRequestId/refuse',
  access: 'admin',
  site: 'none',
  summary: 'Ends an agent’s request to join',
  params: z.object({ joinRequestId: documentId }),
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found'],
});

export const joiningRoutes = [
  startJoin,
  revealJoin,
  lookAtJoin,
  confirmJoin,
  listJoins,
  acceptJoin,
  refuseJoin,
] as const;
