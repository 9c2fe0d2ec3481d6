import { readIdentity } from './identity.ts';
import { openAgentLog } from './log.ts';
import { Membership } from './membership.ts';
import { type AgentOptions, OptionError } from './options.ts';

/** Whoever waits at a terminal wants to hear by then. */
const PATIENCE_MS = 60_000;

/**
 * Pairs this machine and ends, for installers: text for people. With an identity that is there it needs no token, and spends none that
 * is for the same appliance. Throws `PairingError`, and `StateBusy` while an agent uses the folder.
 */
export async function pairOnly({ token, ...options }: AgentOptions): Promise<string> {
  if (token === undefined && !readIdentity(options.stateDir))
    throw new OptionError('Pairing needs a token: in the dashboard choose "Add host", and say it as REEVE_TOKEN.');
  const log = openAgentLog(options.logLevel);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const membership = new Membership({ ...options, log, ...(token !== undefined && { token }) }, signal);
  try {
    await membership.obtain();
    const { applianceId } = membership.identity;
    return `This machine is paired with appliance ${applianceId}.\n`;
  } finally {
    membership.release();
  }
}
