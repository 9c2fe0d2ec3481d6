import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { makeBlob, makeExecutable } from '../../image/executables/make.mjs';
import { ROOT } from '../helpers/root.ts';
import { makeDirectory } from '../helpers/temporary.ts';

/** Makes the executable of a platform, of the agent as it is built, without packing it; answers its path. */
export async function makeFor(platform: string, name = 'reeve-agent'): Promise<string> {
  const folder = path.join(makeDirectory(), 'work');
  mkdirSync(folder);
  const blob = await makeBlob(path.join(ROOT, 'dist/agent/agent.cjs'), folder);
  const file = path.join(folder, name);
  await makeExecutable(platform, blob, { folder, file });
  return file;
}
