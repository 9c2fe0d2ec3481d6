import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { strippedElf } from '../../../image/executables/elf.mjs';
import { bytesOf } from '../../../image/executables/parts.mjs';
import { PLATFORMS } from '../../../image/executables/platforms.mjs';
import { type RunningAppliance, startAppliance } from '../../helpers/appliance.ts';
import { ROOT } from '../../helpers/root.ts';
import { makeDirectory } from '../../helpers/temporary.ts';

/** The appliance of this build as the image for amd64 has it: its Node, these packed executables, and a system that tells of itself. */
export async function startAsImage(packs: Record<string, { json: string; pack: string }>): Promise<RunningAppliance> {
  const dir = makeDirectory();
  const at = (...parts: string[]) => path.join(dir, ...parts);
  writeFileSync(at('node'), strippedElf(bytesOf(PLATFORMS['linux-x64'])), { mode: 0o755 });
  for (const folder of ['system', 'orders', 'dist/packs']) mkdirSync(at(folder), { recursive: true });
  for (const part of ['agent', 'web']) symlinkSync(path.join(ROOT, 'dist', part), at('dist', part));
  // Copied: it looks for the rest of its build beside itself.
  mkdirSync(at('dist/appliance'));
  for (const name of ['main.js', 'unpack.js', 'package.json', 'vendors.bin'])
    copyFileSync(path.join(ROOT, 'dist/appliance', name), at('dist/appliance', name));
  symlinkSync(path.join(ROOT, 'node_modules'), at('node_modules'));
  for (const file of Object.values(packs).flatMap(({ json, pack }) => [json, pack]))
    symlinkSync(file, at('dist/packs', path.basename(file)));
  const image = { version: '0.0.1', board: 'vm', slot: 'A', returnedFrom: null, resetAt: null };
  writeFileSync(at('system/image.json'), JSON.stringify({ ...image, other: { version: null, state: 'empty' } }));
  const env = { REEVE_SYSTEM_RUN: at('system'), REEVE_SYSTEM_ORDERS: at('orders') };
  return startAppliance({ node: at('node'), dist: at('dist'), env });
}
