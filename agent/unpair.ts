import { removeIdentity } from './identity.ts';
import { dropKeyForPairing } from './new-key.ts';
import { holderOf, StateBusy } from './state-lock.ts';

/** Forgets the appliance and answers what to tell; throws `StateBusy` while an agent uses the folder. */
export function unpair(stateDir: string): string {
  const holder = holderOf(stateDir);
  if (holder !== undefined) throw new StateBusy(stateDir, holder);
  dropKeyForPairing(stateDir);
  if (!removeIdentity(stateDir)) return 'This machine was not paired.\n';
  return 'This machine is no longer paired. Its host and history stay on the appliance: revoke the agent there, on the host’s page.\n';
}
