// Part of the second and third stage: audits of hosts, over SSH and by agents.
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { type AuditAsk, auditAnswer } from '../../protocol/audits.ts';
import { addressForOthers, ownAddresses } from '../addresses.ts';
import type { Gateway } from '../agents/gateway.ts';
import { hubOf } from '../agents/install-line.ts';
import { AuditFeature } from '../audits/feature.ts';
import { serveAudits } from '../audits/routes.ts';
import type { Inventory } from '../hosts/inventory.ts';
import type { ApplianceOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Stops } from '../stops.ts';
import type { State } from './state.ts';

/** Agents are asked through a gateway that is opened later. */
export interface Auditing {
  feature: AuditFeature;
  gateway?: Gateway;
}

export async function openAuditing({ documents, hub, now, seal, log }: State, stops: Stops): Promise<Auditing> {
  const opened: { gateway?: Gateway } = {};
  const feature = await AuditFeature.open({
    ...{ documents, hub, now, seal, log: log.child({ component: 'audits' }) },
    askAgent: (hostId, { kind, nonce, signal }) => askAgent(opened.gateway, { hostId, asked: { kind, nonce }, signal }),
  });
  hub.on('host', ({ before, after }) => (before && !after ? feature.forgetHost(before.id) : undefined));
  hub.on('site', ({ before, after }) => (before && !after ? feature.forgetSite(before.id) : undefined));
  stops.add('audits', () => feature.audits.stop());
  return Object.assign(opened, { feature });
}

const MOST_BYTES = 6 << 20;

async function askAgent(
  gateway: Gateway | undefined,
  { hostId, asked, signal }: { hostId: string; asked: AuditAsk; signal: AbortSignal },
): Promise<Buffer> {
  const asking = gateway?.askAudit(hostId, asked);
  if (!asking) throw new Problem('conflict', 'Its agent is not connected');
  const gone = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const said = await Promise.race([asking, gone]).catch((error) => {
    signal.throwIfAborted();
    throw new Problem(
      'conflict',
      `Its agent did not answer in time: it may be older than audits (${String(error).slice(0, 100)})`,
    );
  });
  const answer = auditAnswer.safeParse(said);
  if (!answer.success) throw new Problem('conflict', 'Its agent answered something else than it should');
  if (!answer.data.ok) throw new Problem('conflict', `Its agent could not audit: ${answer.data.reason}`);
  const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);
  return inflate(Buffer.from(answer.data.output, 'base64'), { maxOutputLength: MOST_BYTES }).catch(() => {
    throw new Problem('conflict', 'What its agent answered is damaged');
  });
}

/** Where audits are asked for over HTTP. */
export function serveAuditing(
  routes: Routes,
  {
    options,
    state,
    features,
    gateway,
    httpsPort,
  }: {
    options: ApplianceOptions;
    state: State;
    features: { auditing: Auditing; inventory: Inventory };
    gateway: Gateway;
    httpsPort: () => number;
  },
): void {
  const { auditing, inventory } = features;
  auditing.gateway = gateway;
  const reachable = (): string[] => [...(options.url ? [new URL(options.url).hostname] : []), ...ownAddresses()];
  const hostOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  serveAudits(routes, {
    feature: auditing.feature,
    hostNamed: (session, hostId) => inventory.visible(session, hostId).name,
    hubFor: (host) => hubOf(addressForOthers(hostOf(host), reachable()), httpsPort()),
    pin: () => state.certificates.browserPin,
    // Behind a port mapping hosts see another address than this machine knows of: a rule with the wrong one would lock us out.
    comesFrom: (host) => (ownAddresses().includes(hostOf(host)) ? ownAddresses() : []),
  });
}
