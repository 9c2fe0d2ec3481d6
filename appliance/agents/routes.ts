import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import type { Ceiling } from '../../protocol/ceiling.ts';
import {
  type agent,
  createToken,
  discoveredAgents,
  type EnrolToken,
  finishPairing,
  listAgents,
  listTokens,
  readToken,
  releaseAgent,
  revokeAgent,
  revokeToken,
  startPairing,
} from '../../protocol/routes/agents.ts';
import { agentExecutable, agentScript, installPowerShell, installShell } from '../../protocol/routes/installers.ts';
import { pageOf, sorted } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { Streamed } from '../streamed.ts';
import type { DiscoveredAgent } from './discovered.ts';
import type { AgentRecord } from './documents.ts';
import type { Gateway } from './gateway.ts';
import { hubOf, type InstallTarget, installCommands } from './install-line.ts';
import type { Installers } from './installers.ts';
import { updateStateOf } from './orders.ts';
import type { Pairing } from './pairing.ts';
import type { Registry } from './registry.ts';
import type { Tokens } from './tokens.ts';

export interface AgentRouteParts {
  registry: Registry;
  gateway: Gateway;
  tokens: Tokens;
  pairing: Pairing;
  discovered(): DiscoveredAgent[];
  hostName(hostId: string): string;
  /** What the agent of a host may ever be asked to do. */
  mayOf(hostId: string): Ceiling | undefined;
  /** Fails where a token cannot be made for that host. */
  mayPair(session: Session, hostId: string, uses: number): void;
  /** Undefined where the agent was not built. */
  installers: Installers | undefined;
  /** The name by which another machine reaches what is called `host` here. */
  addressForOthers(host: string): string;
  httpsPort(): number;
  /** SHA-256 of the browser leaf's SPKI, standard base64. */
  pin: string;
  now: () => number;
}

function installersOf({ installers }: Pick<AgentRouteParts, 'installers'>): Installers {
  if (installers) return installers;
  throw new Problem('not-found', 'This appliance was built without the agent: run npm run build');
}

/** Where the machine that asks, or one like it, reaches the appliance. */
function targetOf(
  { addressForOthers, httpsPort, pin }: Pick<AgentRouteParts, 'addressForOthers' | 'httpsPort' | 'pin'>,
  host: string,
) {
  return { hub: hubOf(addressForOthers(hostOnly(host)), httpsPort()), pin };
}

/** What the install lines of a token are made of; fails where the agent was not built. */
export function lineTarget(
  parts: Pick<AgentRouteParts, 'addressForOthers' | 'httpsPort' | 'pin' | 'installers'>,
  { host, token, may }: { host: string; token: string; may?: Ceiling | undefined },
): InstallTarget {
  const target = targetOf(parts, host);
  const powerShellSha256 = createHash('sha256').update(installersOf(parts).powerShell(target)).digest('hex');
  return { ...target, powerShellSha256, token, ...(may && { may }) };
}

export function serveAgents(routes: Routes, parts: AgentRouteParts): void {
  const { registry, tokens, pairing } = parts;
  serveKeys(routes, parts);

  routes.serve(createToken, async ({ session, body, host, note }) => {
    const { name, uses, validMs, tags, rack, forHostId, may } = body;
    installersOf(parts);
    if (forHostId !== undefined) parts.mayPair(session, forHostId, uses);
    const { text, token } = await tokens.issue({
      siteId: session.siteId,
      isOwn: false,
      createdBy: session.userName,
      uses,
      ...(validMs !== undefined && { validMs }),
      ...(name && { name }),
      ...(tags && { tags }),
      ...(rack && { rack }),
      ...(forHostId && { forHostId }),
    });
    const said = { ...(name && { name }), ...(may && { may }) };
    note({ detail: { tokenId: token.tokenId, uses, expiresAt: token.expiresAt, ...said } });
    return { ...token, token: text, commands: installCommands(lineTarget(parts, { host, token: text, may })) };
  });
  routes.serve(listTokens, ({ session, query }) => pageOf(tokens.list(session.siteId), query, newestFirst));
  routes.serve(readToken, ({ session, params }) => tokens.read(session.siteId, params.tokenId));
  routes.serve(revokeToken, async ({ session, params }) => {
    await tokens.revoke(session.siteId, params.tokenId);
    return null;
  });

  routes.serve(startPairing, ({ body, from }) => pairing.start(body, from));
  routes.serve(finishPairing, ({ body, from }) => pairing.finish(body, from));

  routes.serve(discoveredAgents, ({ query }) =>
    pageOf(sorted(parts.discovered(), nameAndAddress), query, nameAndAddress),
  );
  serveInstallers(routes, parts);

  routes.serve(listAgents, ({ session, query }) => {
    const { items, next } = pageOf(sorted(registry.list(session.siteId), idOf), query, idOf);
    return { items: items.map((record) => describe(record, parts)), ...(next !== undefined && { next }) };
  });
}

function serveInstallers(routes: Routes, parts: AgentRouteParts): void {
  routes.serve(agentScript, ({ setHeader }) => {
    setHeader('cache-control', 'no-cache');
    return installersOf(parts).script;
  });
  routes.serve(installShell, ({ host }) => installersOf(parts).shell(targetOf(parts, host)));
  routes.serve(installPowerShell, ({ host }) => installersOf(parts).powerShell(targetOf(parts, host)));
  routes.serve(agentExecutable, ({ params }) => {
    const wanted = `/agent/${params.file}`;
    const files = installersOf(parts).releases.flatMap((release) => release.files);
    const found = files.find((file) => file.path === wanted);
    if (!found) throw new Problem('not-found', 'This appliance has no such executable');
    const headers = { 'content-length': String(found.size) };
    return new Streamed({ type: 'application/octet-stream', pieces: createReadStream(found.file), headers });
  });
}

const idOf = ({ id }: AgentRecord): string => id;
const nameAndAddress = ({ name, address }: DiscoveredAgent): string => `${name} ${address}`.slice(0, 200);

/** Key of a token in the order of the list: newest first. */
const newestFirst = ({ createdAt, tokenId }: EnrolToken): string =>
  String(Number.MAX_SAFE_INTEGER - createdAt).padStart(16, '0') + tokenId;

function serveKeys(routes: Routes, parts: AgentRouteParts): void {
  const { registry, gateway } = parts;

  routes.serve(revokeAgent, async ({ session, params }) => {
    const record = registry.need(session.siteId, params.agentId);
    const changed = await registry.change(record.id, { state: 'revoked' });
    gateway.expel(record.id, {
      code: 'revoked',
      message: 'This agent was revoked in the dashboard: pair it again to let it in',
    });
    return describe(changed, parts);
  });

  routes.serve(releaseAgent, async ({ session, params }) => {
    const record = registry.need(session.siteId, params.agentId);
    if (record.state === 'revoked') throw new Problem('invalid-request', 'A revoked agent has to be paired again');
    return describe(await registry.change(record.id, { state: 'active' }), parts);
  });
}

function describe(record: AgentRecord, parts: AgentRouteParts): z.output<typeof agent> {
  const { id, hostId, state, version, pairedAt, by = 'token', tokenId, leftAt } = record;
  const { gateway, hostName, mayOf, installers } = parts;
  return {
    update: updateStateOf(record, mayOf(hostId), installers?.releases ?? []),
    id,
    hostId,
    hostName: hostName(hostId),
    state,
    version,
    pairedAt,
    connected: gateway.isConnected(id),
    by,
    ...(tokenId !== undefined && { tokenId }),
    ...(leftAt !== undefined && { leftAt }),
  };
}

/** `Host` without its port. */
const hostOnly = (host: string): string => host.replace(/:\d+$/, '');
