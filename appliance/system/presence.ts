import { AGENT, APPLIANCE } from '../../discovery/kinds.ts';
import { Lan } from '../../discovery/lan.ts';
import type { AgentRecord } from '../../protocol/presence.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import type { Logger } from '../log.ts';

export interface PresenceOptions {
  applianceId: string;
  version: string;
  httpsPort: number;
  /** SHA-256 of the CA's SPKI, base64url. */
  caPin: string;
  log: Logger;
  now: () => number;
}

export interface Presence {
  /** Agents that are heard over mDNS, paired or not; a claim, nothing of it is proven. */
  agents(): { record: AgentRecord; address: string; seenAt: number }[];
  stop(): Promise<void>;
}

/** Makes the appliance known on the LAN as `_reeve._tcp`, and listens for agents. */
export function joinLan({ applianceId, version, httpsPort, caPin, log, now }: PresenceOptions): Presence {
  const lan = new Lan({ log });
  lan.advertise({
    service: APPLIANCE,
    name: 'Reeve',
    port: httpsPort,
    txt: { id: applianceId, v: version, proto: PROTOCOL, https: httpsPort, ca: caPin },
  });
  const agents = lan.browse(AGENT);
  return {
    agents: () =>
      agents.list().map(({ record, addresses, heardAt }) => ({
        record,
        address: addresses[0] ?? '',
        seenAt: Math.round(now() - (performance.now() - heardAt)),
      })),
    stop: () => lan.stop(),
  };
}
