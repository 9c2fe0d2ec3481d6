import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { bundleProgram } from '../../helpers/bundle.ts';
import { makeDirectory, temporaryDirectory } from '../../helpers/temporary.ts';

let program = '';
beforeAll(async () => {
  program = await bundleProgram(fileURLToPath(new URL('./programs/own-disk.ts', import.meta.url)), makeDirectory());
});

/** In a mount namespace of its own, with disks in memory on history and on documents. */
function onOwnDisks(dir: string, ...words: string[]) {
  const mounts = ['history', 'docs'].map(
    (name) => `mkdir -p "$1/${name}" && mount -t tmpfs -o size=64m none "$1/${name}"`,
  );
  const script = `${mounts.join(' && ')} && exec "$2" "$3" "$1" ${words.join(' ')}`;
  const command = ['--mount', '--map-root-user', 'sh', '-euc', script, 'sh', dir, process.execPath, program];
  return spawnSync('unshare', command, { encoding: 'utf8' });
}

const canMount = spawnSync('unshare', ['--mount', '--map-root-user', 'true']).status === 0;

test.runIf(canMount).each(['swap', 'killed', 'backup', 'room'])(
  'history and documents on disks of their own: %s',
  (what) => {
    const { status, stdout, stderr } = onOwnDisks(temporaryDirectory(), what);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${what} is right\n`, stderr: '' });
  },
);
