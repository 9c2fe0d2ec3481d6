import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './root.ts';
import { makeDirectory } from './temporary.ts';

/** A build folder that holds some agent, so that install lines can be made without building the real one. */
export function makeAgentDist(script = '/* an agent */\n'): string {
  const dir = makeDirectory();
  mkdirSync(path.join(dir, 'agent'));
  writeFileSync(path.join(dir, 'agent', 'agent.cjs'), script);
  writeFileSync(path.join(dir, 'agent', 'release.json'), '{"version":"1.2.3"}');
  for (const name of ['install.sh', 'install.ps1'])
    copyFileSync(path.join(ROOT, 'agent/install', name), path.join(dir, 'agent', name));
  return dir;
}
