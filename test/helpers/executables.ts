import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Puts an executable into a build folder as the build would, packed by gzip under both names; answers the hash of what is fetched. */
export function addExecutable(distDir: string, platform: string, text: string, record: object = {}): string {
  const dir = path.join(distDir, 'executables');
  mkdirSync(dir, { recursive: true });
  const packed = gzipSync(text);
  for (const packing of ['gz', 'xz']) writeFileSync(path.join(dir, `${platform}.${packing}`), packed);
  const file = { size: packed.length, sha256: sha256(packed) };
  const script = sha256(readFileSync(path.join(distDir, 'agent/agent.cjs')));
  const known = { platform, version: '1.2.3', script, size: text.length, sha256: sha256(text) };
  const whole = { ...known, files: { gz: file, xz: file }, ...record };
  writeFileSync(path.join(dir, `${platform}.json`), JSON.stringify(whole));
  return file.sha256;
}
