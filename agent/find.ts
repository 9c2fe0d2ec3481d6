import { findAppliance } from '../discovery/find.ts';
import { Lan } from '../discovery/lan.ts';
import { ConnectError, connect } from './connect.ts';
import type { Identity } from './identity.ts';
import type { AgentLog } from './log.ts';
import type { Session } from './session.ts';

const SEARCH_MS = 4_000;

/**
 * Looks over mDNS for the paired appliance, which may have another address, and connects to it. What is heard proves nothing: the
 * pinned certificate and the challenge do. Throws when it is not found.
 */
export async function findAgain(
  identity: Identity,
  { log, signal }: { log: AgentLog; signal: AbortSignal },
): Promise<{ session: Session; url: string }> {
  const lan = new Lan({ log });
  const accepts = ({ id }: { id: string }) => id === identity.applianceId;
  try {
    const found = await findAppliance({ lan, log, timeoutMs: SEARCH_MS, signal, accepts }, ({ url }) =>
      connect(url, identity).then(
        (session) => ({ session, url }),
        (error) => {
          // Only the right one can refuse: no use to look for another.
          if (error instanceof ConnectError && error.refusal) return error;
          throw error;
        },
      ),
    );
    if (found instanceof ConnectError) throw found;
    return found;
  } finally {
    await lan.stop();
  }
}
