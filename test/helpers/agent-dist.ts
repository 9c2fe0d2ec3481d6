import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeDirectory } from './temporary.ts';

/** A build folder that holds some agent, so that install lines can be made without building the real one. */
export function makeAgentDist(script = '/* an agent */\n'): string {
  const dir = makeDirectory();
  mkdirSync(path.join(dir, 'agent'));
  writeFileSync(path.join(dir, 'agent', 'agent.cjs'), script);
  return dir;
}
