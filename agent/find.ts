import { findAppliance } from '../discovery/find.ts';
import { Lan } from '../discovery/lan.ts';
import type { AgentLog } from './log.ts';

const SEARCH_MS = 4_000;

export interface FindOptions<T> {
  log: AgentLog;
  signal: AbortSignal;
  /** Connects to a candidate; throws when it is not the one. */
  tryAt: (url: string) => Promise<T>;
}

/**
 * Looks over mDNS for an appliance that may have another address now, and answers what `tryAt` made of it. What is heard proves
 * nothing: that is for `tryAt`. Throws when it is not found.
 */
export async function findAgain<T>(applianceId: string, { log, signal, tryAt }: FindOptions<T>): Promise<T> {
  const lan = new Lan({ log });
  try {
    const accepts = ({ id }: { id: string }) => id === applianceId;
    return await findAppliance({ lan, log, timeoutMs: SEARCH_MS, signal, accepts }, ({ url }) => tryAt(url));
  } finally {
    await lan.stop();
  }
}
