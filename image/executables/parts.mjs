import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../prepare.mjs';

/** Survives builds; to forget it, remove it. */
const CACHE = join(ROOT, 'dist/.parts');

const integrityOf = (bytes) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

/** The part that was read last: more than one file of it is wanted. */
let last = { part: '', tar: Buffer.alloc(0) };

/** Bytes of one file that a part holds. The part is fetched once, and compared with its hash each time that it is read. */
export function bytesOf({ part, integrity, inside }) {
  if (last.part !== part) last = { part, tar: tarOf(part, integrity) };
  const found = fileInTar(last.tar, inside);
  if (!found) throw new Error(`${part} holds no ${inside}`);
  return found;
}

function tarOf(part, integrity) {
  const file = join(CACHE, `${part.replace('@', '-')}.tgz`);
  if (!existsSync(file)) fetchPart(part, file);
  const packed = readFileSync(file);
  const found = integrityOf(packed);
  if (found === integrity) return gunzipSync(packed);
  rmSync(file);
  throw new Error(
    `${part} is not what image/executables/platforms.mjs pins (it has ${found}): nothing was built of it`,
  );
}

/** Through npm, so that a registry or proxy that somebody has set is used. */
function fetchPart(part, file) {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'fetch-'));
  try {
    const npm = process.env.npm_execpath;
    const words = ['pack', part, '--silent', '--pack-destination', folder];
    const [program, ...first] = npm && /\.[cm]?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
    const { status, stderr } = spawnSync(program, [...first, ...words], { encoding: 'utf8', timeout: 300_000 });
    const [name] = readdirSync(folder);
    if (status !== 0 || !name) throw new Error(`${part} could not be fetched: ${String(stderr).trim().slice(-500)}`);
    renameSync(join(folder, name), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file of a plain tar, by its whole name. */
export function fileInTar(tar, name) {
  const text = (at, length) => tar.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const prefix = text(at + 345, 155);
    if ((prefix ? `${prefix}/` : '') + text(at, 100) === name) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}

/** Writes a part's file where it can be run or read, and answers with its path. */
export function unpackedPart(part, file) {
  writeFileSync(file, bytesOf(part), { mode: 0o755 });
  return file;
}
