import { type Identity, readIdentity } from './identity.ts';
import { type JoiningState, readJoining } from './joining-file.ts';
import type { MqttSettings } from './mqtt/settings.ts';
import type { AgentOptions } from './options.ts';
import { readBroker } from './own-file.ts';
import { holderOf } from './state-lock.ts';

/** Whether this machine is paired, and if not, the six digits with which it can be let in: text for people. */
export function status({ stateDir, ownFile }: Pick<AgentOptions, 'stateDir'> & Partial<AgentOptions>): string {
  const broker = ownFile === undefined ? undefined : brokerOf(ownFile);
  if (broker) return `${published(broker, stateDir).join('\n')}\n`;
  const identity = readIdentity(stateDir);
  return `${(identity ? paired(identity, stateDir) : unpaired(readJoining(stateDir))).join('\n')}\n`;
}

/** Whoever may not read the file is told of the rest. */
function brokerOf(ownFile: string): MqttSettings | undefined {
  try {
    return readBroker(ownFile);
  } catch {
    return undefined;
  }
}

const running = (stateDir: string): string => {
  const holder = holderOf(stateDir);
  return holder === undefined ? 'The agent does not run.' : `The agent runs (process ${holder}).`;
};

const published = ({ url, site, agent }: MqttSettings, stateDir: string): string[] => [
  `This machine publishes to the broker ${url}, under metrics/${site}/${agent}/; it needs no appliance.`,
  running(stateDir),
];

function paired({ applianceId, agentId, urls, by }: Identity, stateDir: string): string[] {
  const how = by === 'digits' ? 'six digits that were compared on both sides' : 'a token';
  return [
    `This machine is paired with appliance ${applianceId} as agent ${agentId}, by ${how}.`,
    ...(urls[0] === undefined ? [] : [`It was last reached at ${urls[0]}.`]),
    running(stateDir),
  ];
}

const grouped = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`;

function unpaired(joining: JoiningState | undefined): string[] {
  const lines = ['This machine is not paired.'];
  if (!joining)
    return [
      ...lines,
      'No agent waits to be let in. Start it (reeve-agent), or use a token from "Add host" in the dashboard.',
    ];
  const { candidates, troubles } = joining;
  if (candidates.length === 0)
    lines.push('No appliance was found yet. Where multicast is blocked, start the agent with --hub.');
  else
    lines.push(
      '',
      'It has asked to be let in. Nobody has verified these appliances yet:',
      '',
      ...candidates.map(candidateText),
    );
  if (candidates.length > 0) lines.push('', ...steps(candidates));
  if (troubles.length > 0) lines.push('', 'Could not ask', ...troubles.map((text) => `  ${text}`));
  return lines;
}

const candidateText = ({ digits, url, applianceId, state }: JoiningState['candidates'][number]): string =>
  `  ${grouped(digits)}   ${url}   appliance ${applianceId}   ${state === 'accepted' ? 'says that the digits were typed there' : 'unverified'}`;

function steps(candidates: JoiningState['candidates']): string[] {
  const accepted = candidates.filter(({ state }) => state === 'accepted');
  const several = candidates.length > 1 ? ' Only one of them is yours: look at its address.' : '';
  return [
    `1. In the dashboard of your appliance open Agents, "Discovered", and type the six digits there.${several}`,
    '2. Only when the dashboard says that they are right, confirm here:',
    ...(accepted.length > 0 ? accepted : candidates.slice(0, 1)).map(
      ({ digits }) => `   reeve-agent confirm ${digits}`,
    ),
    'If the dashboard says that they differ, somebody stands between: do not confirm.',
  ];
}
