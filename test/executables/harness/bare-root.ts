import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { makeDirectory } from '../../helpers/temporary.ts';

/** A root in which there is a program, the libraries that the loader needs for it, and nothing else: no shell, no Node, no /etc. */
export function makeBareRoot(program: string, place: string): string {
  const root = makeDirectory('reeve-bare-');
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const file of libraries) put(file, path.join(root, file));
  put(program, path.join(root, place));
  for (const folder of ['proc', 'tmp', 'state']) mkdirSync(path.join(root, folder));
  return root;
}

function put(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** Words that run a program in that root, with these variables and no others; the process is the program's own. */
export function insideOf(root: string, env: Record<string, string>): string[] {
  const enter = 'mount -t proc proc "$1/proc" && shift && exec "$@"';
  const words = Object.entries({ PATH: '/nowhere', ...env }).map(([name, value]) => `${name}=${value}`);
  const chroot = ['/usr/bin/env', '-i', ...words, '/usr/sbin/chroot', root];
  return ['unshare', '--mount', 'bash', '-c', enter, 'enter', root, ...chroot];
}
