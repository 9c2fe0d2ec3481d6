import { z } from 'zod';
import { wantedCeiling } from '../ceiling.ts';
import { hostTags } from '../hosts.ts';
import { displayName, documentId, instant } from '../identity.ts';
import { PAIRING_LIMITS } from '../limits.ts';
import { paged, pageQuery } from '../paging.ts';
import { pairDone, pairFinish, pairOffer, pairStart, tokenId } from '../pairing.ts';
import { route } from '../route.ts';

/** What every host gets that comes in by a token. */
const labels = {
  tags: hostTags,
  rack: displayName,
};

export const enrolToken = z.object({
  tokenId,
  /** Of the host; of the token itself where it lets several in. */
  name: displayName.exactOptional(),
  createdAt: instant,
  /** Who made it. */
  createdBy: z.string().exactOptional(),
  expiresAt: instant,
  state: z.enum(['open', 'used', 'expired', 'locked', 'revoked']),
  /** Agents that have used it, and how many may. */
  uses: z.object({ count: z.number().int(), most: z.number().int() }),
  wrongTries: z.number().int(),
  tags: labels.tags.exactOptional(),
  rack: labels.rack.exactOptional(),
  /** The host that it was made for. */
  forHostId: documentId.exactOptional(),
  /** The host that was paired with it, where it was for one. */
  hostId: documentId.exactOptional(),
});
export type EnrolToken = z.infer<typeof enrolToken>;

const MINUTE_MS = 60_000;
const { least, most } = PAIRING_LIMITS.tokenSpanMs;

export const createToken = route({
  id: 'agents.createToken',
  method: 'POST',
  path: '/api/v1/agents/tokens',
  access: 'admin',
  site: 'none',
  summary: 'Makes a token for one agent, or for several; its text is shown this once',
  body: z.object({
    name: displayName.optional().meta({ title: 'Name of the host, or of a token for several' }),
    uses: z.number().int().min(1).max(PAIRING_LIMITS.tokenUses).default(1).meta({ title: 'How many hosts it lets in' }),
    /** 15 minutes for one host, a day for several. */
    validMs: z
      .number()
      .int()
      .min(least, `at least ${least / MINUTE_MS} minutes`)
      .max(most, `at most ${most / 86_400_000} days`)
      .optional()
      .meta({ title: 'How long it is valid' }),
    tags: labels.tags.optional().meta({ title: 'Tags of the hosts' }),
    rack: labels.rack.optional().meta({ title: 'Rack of the hosts' }),
    /** A host that is there already: its agent fills it instead of adding another one, and takes the place of one it had. */
    forHostId: documentId.optional().meta({ title: 'Host that the agent is for' }),
    /** Goes into the lines; the appliance does not keep it. Absent: the installer asks where somebody sits, and else allows nothing. */
    may: wantedCeiling.optional().meta({ title: 'What the agent may ever be asked to do' }),
  }),
  answer: enrolToken.extend({
    /** The whole token, with the CA's key hash; only in this answer. */
    token: z.string(),
    /** What to paste on the new machine. */
    commands: z.array(
      z.object({ platform: z.enum(['linux', 'darwin', 'win32']), title: z.string(), command: z.string() }),
    ),
  }),
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

/** Newest first; those that people made. What is dead is forgotten a day after its time. */
export const listTokens = route({
  id: 'agents.listTokens',
  method: 'GET',
  path: '/api/v1/agents/tokens',
  access: 'admin',
  site: 'none',
  summary: 'Lists the tokens with their uses',
  query: z.object(pageQuery),
  answer: paged(enrolToken),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const readToken = route({
  id: 'agents.readToken',
  method: 'GET',
  path: '/api/v1/agents/tokens/:tokenId',
  access: 'admin',
  site: 'record',
  summary: 'Says what became of a token',
  params: z.object({ tokenId }),
  answer: enrolToken,
  errors: ['not-signed-in', 'not-allowed', 'not-found'],
});

export const revokeToken = route({
  id: 'agents.revokeToken',
  method: 'DELETE',
  path: '/api/v1/agents/tokens/:tokenId',
  access: 'admin',
  site: 'record',
  summary: 'Makes a token useless',
  params: z.object({ tokenId }),
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found'],
});

export const agent = z.object({
  id: documentId,
  hostId: documentId,
  hostName: z.string(),
  state: z.enum(['active', 'revoked', 'quarantined']),
  version: z.string(),
  pairedAt: instant,
  connected: z.boolean(),
  /** How it came in: by a token, or by six digits that were compared on both sides. Either way it is verified; who is not, is not in. */
  by: z.enum(['token', 'digits']),
  tokenId: tokenId.exactOptional(),
  /** When it was unpaired on its own machine. */
  leftAt: instant.exactOptional(),
  /** Whether it can be updated from here: `ready`, or why not. `not-allowed`: its own file says so. */
  update: z.enum(['ready', 'current', 'newer', 'not-allowed', 'no-release', 'too-old', 'with-appliance']),
});

export const listAgents = route({
  id: 'agents.list',
  method: 'GET',
  path: '/api/v1/agents',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the paired agents',
  query: z.object(pageQuery),
  answer: paged(agent),
  errors: ['not-signed-in', 'invalid-request'],
});

/** The agent is refused at once and says why in its log; the host and its history stay. */
export const revokeAgent = route({
  id: 'agents.revoke',
  method: 'POST',
  path: '/api/v1/agents/:agentId/revoke',
  access: 'admin',
  site: 'record',
  summary: 'Takes an agent’s right to connect away',
  params: z.object({ agentId: documentId }),
  answer: agent,
  errors: ['not-signed-in', 'not-allowed', 'not-found'],
});

/** An agent that was quarantined as a clone is let in again, once a person has looked. */
export const releaseAgent = route({
  id: 'agents.release',
  method: 'POST',
  path: '/api/v1/agents/:agentId/release',
  access: 'admin',
  site: 'record',
  summary: 'Lets a quarantined agent in again',
  params: z.object({ agentId: documentId }),
  answer: agent,
  errors: ['not-signed-in', 'not-allowed', 'not-found'],
});

/** Agents that advertise themselves on the LAN; what they say is unproven. */
export const discoveredAgents = route({
  id: 'agents.discovered',
  method: 'GET',
  path: '/api/v1/agents/discovered',
  access: 'admin',
  site: 'none',
  summary: 'Lists agents seen over mDNS that are not paired',
  query: z.object(pageQuery),
  answer: paged(z.object({ name: z.string(), version: z.string(), address: z.string(), seenAt: instant })),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const startPairing = route({
  id: 'agents.pairStart',
  method: 'POST',
  path: '/api/v1/pairing/start',
  access: 'public',
  site: 'none',
  summary: 'First step of pairing: the appliance proves that it knows the token',
  body: pairStart,
  answer: pairOffer,
  errors: ['invalid-request', 'too-many-requests', 'peer-version'],
});

export const finishPairing = route({
  id: 'agents.pairFinish',
  method: 'POST',
  path: '/api/v1/pairing/finish',
  access: 'public',
  site: 'none',
  summary: 'Second step of pairing: the agent proves that it knows the token and holds its key',
  body: pairFinish,
  answer: pairDone,
  errors: ['invalid-request', 'pairing-refused', 'too-many-requests'],
});

export const agentsRoutes = [
  createToken,
  listTokens,
  readToken,
  revokeToken,
  listAgents,
  discoveredAgents,
  revokeAgent,
  releaseAgent,
  startPairing,
  finishPairing,
] as const;
