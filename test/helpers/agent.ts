import { join } from 'node:path';
import { makeDirectory } from './directories.ts';
import { type Program, startProgram } from './program.ts';
import { ROOT } from './root.ts';

export const AGENT = join(ROOT, 'dist/agent/agent.cjs');

export interface AgentSettings {
  /** HTTPS address of the appliance. */
  hub?: string;
  /** One-time token, given over standard input; absent: the agent is paired already. */
  token?: string;
  /** Where it keeps its key; a new empty directory by default. */
  stateDir?: string;
  flags?: readonly string[];
  env?: Record<string, string>;
  within?: readonly string[];
}

export interface RunningAgent extends Program {
  readonly stateDir: string;
}

/** Starts the built agent as a process of its own. A machine id is made up, since all of them run on one machine here. */
export function startAgent(settings: AgentSettings = {}): RunningAgent {
  const { hub, token, stateDir = makeDirectory('reeve-agent-'), flags = [], env = {}, within = [] } = settings;
  const parameters = [...(token ? ['--token', '-'] : []), ...(hub ? ['--hub', hub] : []), ...flags];
  const program = startProgram([...within, process.execPath, AGENT, ...parameters], {
    env: { REEVE_MDNS: 'off', REEVE_AGENT_STATE: stateDir, REEVE_MACHINE_ID: machineIdFor(stateDir), ...env },
    ...(token ? { input: `${token}\n` } : {}),
  });
  return { ...program, stateDir };
}

/** 32 hex digits that stay the same for one state directory. */
function machineIdFor(stateDir: string): string {
  return Buffer.from(stateDir).toString('hex').slice(-32).padStart(32, '0');
}
