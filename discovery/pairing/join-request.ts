import { timingSafeEqual } from 'node:crypto';
import type { JoinOffer, JoinStart, JoinState } from '../../protocol/joining.ts';
import { PAIRING_LIMITS } from '../../protocol/limits.ts';

/** A request as people see it. Nobody has verified it: name and version are what somebody said. */
export interface OpenJoin {
  id: string;
  name: string;
  version: string;
  from: string;
  askedAt: number;
  expiresAt: number;
  state: 'waiting' | 'accepted' | 'joined';
  triesLeft: number;
  /** The host that it became. */
  hostId?: string;
  /** Site of the person who typed the digits; from then on it belongs there. */
  siteId?: string;
}

/** A request as the appliance keeps it. */
export interface JoinRequest {
  id: string;
  start: JoinStart;
  offer: Omit<JoinOffer, 'ca'>;
  from: string;
  askedAt: number;
  expiresAt: number;
  /** `begun`: the commitment is not opened yet. `dead`: refused, guessed at, or never opened; it still counts. */
  state: 'begun' | 'waiting' | 'accepted' | 'dead';
  wrongTries: number;
  agreed?: Buffer;
  siteId?: string;
  name?: string;
  hostId?: string;
}

/** Whether people of a site may see it: nobody accepted it yet, or they did. */
export const isVisible = ({ state, siteId }: JoinRequest, wanted: string): boolean =>
  (state === 'waiting' || state === 'accepted') && (siteId === undefined || siteId === wanted);

/** What people are told of it. */
export function asOpen({
  id,
  start,
  from,
  askedAt,
  expiresAt,
  state,
  wrongTries,
  siteId,
  name,
  hostId,
}: JoinRequest): OpenJoin {
  return {
    id,
    name: name ?? start.name,
    version: start.version,
    from,
    askedAt,
    expiresAt,
    state: hostId !== undefined ? 'joined' : state === 'accepted' ? 'accepted' : 'waiting',
    ...(hostId !== undefined && { hostId }),
    triesLeft: PAIRING_LIMITS.digitTries - wrongTries,
    ...(siteId !== undefined && { siteId }),
  };
}

/** What its agent is told of it. */
export function stateOf({ state, expiresAt }: JoinRequest, now: number): JoinState {
  const leftMs = Math.max(0, Math.round(expiresAt - now));
  if (state === 'waiting' || state === 'accepted') return { state, leftMs };
  return { state: 'refused', leftMs };
}

/** Compares in constant time. */
export function sameDigits(right: string, typed: string): boolean {
  const [a, b] = [Buffer.from(right), Buffer.from(typed)];
  return a.length === b.length && timingSafeEqual(a, b);
}
