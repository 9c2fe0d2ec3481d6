import { setTimeout as pause } from 'node:timers/promises';
import { pairOnLan } from '../discovery/find.ts';
import { pairWith } from '../discovery/pairing/client.ts';
import { PairingError } from '../discovery/pairing/failure.ts';
import type { AgentKey } from '../discovery/pairing/keys.ts';
import type { HostFacts } from '../protocol/agent-link.ts';
import type { Identity } from './identity.ts';
import { type AgentLog, Once } from './log.ts';
import { advertise } from './presence.ts';

export interface PairOptions {
  token: string;
  name: string;
  facts: HostFacts;
  /** Who this machine will be. */
  key: AgentKey;
  /** Where the appliance is; looked for over mDNS when absent. */
  hub?: string;
  log: AgentLog;
  signal: AbortSignal;
}

const SEARCH_MS = 15_000;
const RETRY_MS = { least: 1_000, most: 15_000 } as const;
/** A token lives 15 minutes: whoever is not paired by then needs another. */
const GIVE_UP_MS = 16 * 60_000;

/** Pairs this machine and answers what to keep. Goes on trying while the appliance is only not there; throws `PairingError` else. */
export async function pair(options: PairOptions): Promise<Identity> {
  const { log, signal } = options;
  const once = new Once();
  const endsAt = performance.now() + GIVE_UP_MS;
  for (let delayMs: number = RETRY_MS.least; ; delayMs = Math.min(delayMs * 2, RETRY_MS.most)) {
    try {
      return await (options.hub === undefined ? pairByLan(options) : pairAt(options.hub, options));
    } catch (error) {
      if (!mayPass(error) || signal.aborted || performance.now() > endsAt) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (once.isNews('pairing', reason)) log.warn({ reason }, 'not paired yet; it is tried again');
      await pause(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const mayPass = (error: unknown): boolean =>
  error instanceof PairingError &&
  ['unreachable', 'appliance-not-found', 'too-many-requests', 'setup-required'].includes(error.code);

async function pairAt(hub: string, { token, name, facts, key, signal }: PairOptions): Promise<Identity> {
  return { ...(await pairWith(hub, { token, name, facts, key, signal })), urls: [hub] };
}

async function pairByLan({ token, name, facts, key, log, signal }: PairOptions): Promise<Identity> {
  const lan = advertise(facts.hostName, log);
  try {
    log.info({}, 'looking for the appliance over mDNS');
    const { pairing, url } = await pairOnLan({ lan, log, timeoutMs: SEARCH_MS, signal, token, name, facts, key });
    return { ...pairing, urls: [url] };
  } finally {
    await lan.stop();
  }
}
