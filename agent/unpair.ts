import { connect } from './connect.ts';
import { type Identity, IdentityError, readIdentity, removeIdentity } from './identity.ts';
import { dropKeyForPairing } from './new-key.ts';
import type { AgentOptions } from './options.ts';
import { withPatience } from './patience.ts';
import type { Session } from './session.ts';
import { holderOf, StateBusy } from './state-lock.ts';

const GOODBYE_MS = 10_000;

/** Says goodbye to the appliance, forgets it, and answers what to tell; throws `StateBusy` while an agent uses the folder. */
export async function unpair({ stateDir, hub }: Pick<AgentOptions, 'stateDir' | 'hub'>): Promise<string> {
  const holder = holderOf(stateDir);
  if (holder !== undefined) throw new StateBusy(stateDir, holder);
  const identity = readable(stateDir);
  const isTold = identity !== undefined && (await sayGoodbye(identity, hub));
  dropKeyForPairing(stateDir);
  if (!removeIdentity(stateDir)) return 'This machine was not paired.\n';
  return isTold
    ? 'This machine is no longer paired, and the appliance knows it. Its host and history stay there.\n'
    : 'This machine is no longer paired. The appliance could not be told: revoke the agent there, on the page Agents. Host and history stay.\n';
}

/** What is damaged cannot say goodbye, and goes all the same. */
function readable(stateDir: string): Identity | undefined {
  try {
    return readIdentity(stateDir);
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}

async function sayGoodbye(identity: Identity, hub: string | undefined): Promise<boolean> {
  let isTold = false;
  let session: Session | undefined;
  const telling = async () => {
    for (const url of new Set([...(hub === undefined ? [] : [hub]), ...identity.urls])) {
      session = await connect(url, identity).catch(() => undefined);
      if (!session) continue;
      await session.leave().then(
        () => {
          isTold = true;
        },
        () => undefined,
      );
      return;
    }
  };
  await withPatience(telling(), GOODBYE_MS);
  // Also where nobody has answered: the command would wait for that until the very end.
  session?.close();
  return isTold;
}
