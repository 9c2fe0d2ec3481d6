import { setTimeout as pause } from 'node:timers/promises';
import { collectors } from '../collectors/index.ts';
import { readIdentity } from '../identity.ts';
import { loadJoining } from '../load-joining.ts';
import { openAgentLog } from '../log.ts';
import type { AgentOptions } from '../options.ts';
import { readOwnFile } from '../own-file.ts';
import { Sampler } from '../sampler.ts';
import { SeriesTable } from '../series.ts';
import { FIT } from './role.ts';

const BETWEEN_MS = 200;

/** `reeve-agent self-test`: reads identity, own file and this machine once, as a run would, and connects to nobody. Throws with what is wrong. */
export async function selfTest({ stateDir, ownFile }: AgentOptions): Promise<string> {
  if (!readIdentity(stateDir)) throw new Error(`There is no pairing in ${stateDir}`);
  const settings = readOwnFile(ownFile, collectors).collectors;
  await Promise.all([import('../main.ts'), loadJoining()]);
  const series = new SeriesTable(collectors.flatMap(({ descriptors }) => descriptors));
  const sampler = new Sampler({
    collectors,
    series,
    platform: process.platform,
    settings,
    log: openAgentLog('silent'),
  });
  const read = () => sampler.sample({ at: Date.now(), mono: performance.now() });
  await read();
  await pause(BETWEEN_MS);
  const values = await read();
  sampler.close();
  if (!values.some((value, n) => n % 2 === 1 && value !== null))
    throw new Error('Nothing of this machine could be read');
  return `${FIT}\n`;
}
