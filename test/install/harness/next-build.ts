import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeBlob, makeExecutable } from '../../../image/executables/make.mjs';
import { makeDirectory } from '../../helpers/directories.ts';
import { ROOT } from '../../helpers/root.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const measured = (bytes: Buffer) => ({ size: bytes.length, sha256: sha256(bytes) });

/** A build of the appliance whose agent says that it is `version`, with something in front of all it does; answers its `dist`. */
export function makeNextBuild(version: string, before = ''): string {
  const folder = makeDirectory('reeve-next-');
  const dist = join(folder, 'dist');
  for (const part of ['appliance', 'web', 'agent'])
    cpSync(join(ROOT, 'dist', part), join(dist, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const script = join(dist, 'agent/agent.cjs');
  const { version: now } = JSON.parse(readFileSync(join(dist, 'agent/release.json'), 'utf8'));
  const text = readFileSync(script, 'utf8').replaceAll(`"${now}"`, `"${version}"`);
  if (!text.includes(`"${version}"`)) throw new Error(`the built agent does not say that it is ${now}`);
  writeFileSync(script, before + text);
  writeFileSync(join(dist, 'agent/release.json'), JSON.stringify({ version }));
  return dist;
}

/** Adds the executable for linux-x64 of that build's agent. It is packed once, by gzip, as agents fetch it. */
export async function addNextExecutable(dist: string): Promise<void> {
  const folder = makeDirectory('reeve-next-');
  const [script, file] = [join(dist, 'agent/agent.cjs'), join(folder, 'linux-x64')];
  const { version } = JSON.parse(readFileSync(join(dist, 'agent/release.json'), 'utf8'));
  await makeExecutable('linux-x64', await makeBlob(script, folder), { folder, file });
  const whole = readFileSync(file);
  const packed = gzipSync(whole, { level: 1 });
  const target = join(dist, 'executables');
  mkdirSync(target, { recursive: true });
  for (const packing of ['gz', 'xz']) writeFileSync(join(target, `linux-x64.${packing}`), packed);
  const files = { gz: measured(packed), xz: measured(packed) };
  const record = { platform: 'linux-x64', version, script: sha256(readFileSync(script)), ...measured(whole), files };
  writeFileSync(join(target, 'linux-x64.json'), JSON.stringify(record));
}
