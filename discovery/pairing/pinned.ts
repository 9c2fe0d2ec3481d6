import { Agent } from 'node:https';
import { checkServerIdentity } from 'node:tls';
import type { Pairing } from './agent.ts';
import { serverName } from './keys.ts';

/**
 * An https.Agent that talks to the paired appliance and to nobody else, at whatever address: TLS 1.3, that CA alone,
 * and the fixed server name. To be given to socket.io-client as `agent`, which alone passes all of it on.
 */
export function pinnedAgent({ ca, applianceId }: Pick<Pairing, 'ca' | 'applianceId'>): Agent {
  const name = serverName(applianceId);
  return new Agent({
    ca,
    servername: name,
    minVersion: 'TLSv1.3',
    keepAlive: true,
    checkServerIdentity: (_address, certificate) => checkServerIdentity(name, certificate),
  });
}
