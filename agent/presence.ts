import { randomBytes } from 'node:crypto';
import { Lan } from '../discovery/lan.ts';
import { SERVICE } from '../protocol/limits.ts';
import type { AgentRecord } from '../protocol/presence.ts';
import type { AgentLog } from './log.ts';
import { VERSION } from './version.ts';

/** A record needs a port; the agent listens on none, and nothing answers at "discard". */
const NO_PORT = 9;

/**
 * Makes known on the LAN that an unpaired agent is here, until the `Lan` that it answers is stopped: information for people, which
 * proves and promises nothing.
 */
export function advertise(host: string, log: AgentLog): Lan {
  const lan = new Lan({ log });
  const txt: AgentRecord = { id: randomBytes(8).toString('hex'), host, v: VERSION, state: 'unpaired' };
  lan.advertise({ service: { type: SERVICE.agent }, name: host, port: NO_PORT, txt });
  return lan;
}
