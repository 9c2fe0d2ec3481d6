import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readIdentity } from './identity.ts';
import { type JoiningState, readJoining, writeConfirmation } from './joining-file.ts';

const ANSWER_MS = 30_000;
const LOOK_MS = 200;

/** A confirmation that cannot be; the message says why and what to do. */
export class ConfirmError extends Error {
  override readonly name = 'ConfirmError';
  readonly code = 'not-confirmed';
}

/**
 * A person on this machine says that the digits were right in the dashboard: tells the agent that waits, and answers when it is paired.
 * Without digits there must be one appliance only. Throws `ConfirmError`.
 */
export async function confirm(stateDir: string, typed?: string): Promise<string> {
  if (readIdentity(stateDir)) return 'This machine is paired already: see reeve-agent status.\n';
  const joining = readJoining(stateDir);
  if (!joining)
    throw new ConfirmError('No agent waits here to be let in. Start it first (reeve-agent), then compare the digits.');
  const { digits } = chosen(joining.candidates, typed);
  const id = randomBytes(8).toString('hex');
  writeConfirmation(stateDir, { id, digits });
  const endsAt = performance.now() + ANSWER_MS;
  while (performance.now() < endsAt) {
    const identity = readIdentity(stateDir);
    if (identity) return `This machine is paired with appliance ${identity.applianceId} at ${identity.urls[0]}.\n`;
    const answer = readJoining(stateDir)?.answer;
    if (answer?.id === id) throw new ConfirmError(answer.text);
    await pause(LOOK_MS);
  }
  throw new ConfirmError('The agent has not answered: look at its log, and at reeve-agent status.');
}

type Candidate = JoiningState['candidates'][number];

function chosen(candidates: readonly Candidate[], typed: string | undefined): Candidate {
  const fit = typed === undefined ? candidates : candidates.filter(({ digits }) => digits === typed);
  const [one, ...more] = fit;
  if (!one) {
    throw new ConfirmError(
      typed === undefined
        ? 'No appliance was found yet: see reeve-agent status.'
        : `No request has the digits ${typed}. They change with each request: see reeve-agent status.`,
    );
  }
  if (more.length > 0)
    throw new ConfirmError(
      'Several appliances answer here. Say which is yours by its digits: reeve-agent confirm 123456. See reeve-agent status.',
    );
  if (one.state !== 'accepted')
    throw new ConfirmError(
      `Type ${one.digits} in the dashboard first (Agents, "Discovered"). Confirm here only when it says that they are right.`,
    );
  return one;
}
