import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleProgram } from '../../helpers/bundle.ts';
import { startProgram } from '../../helpers/program.ts';
import { makeDirectory, temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

let agent = '';
beforeAll(async () => {
  agent = await bundleProgram(join(import.meta.dirname, '../../../agent/entry.ts'), makeDirectory());
}, 60_000);

/** Starts the agent in a mount namespace of its own, with a FUSE mount there whose daemon, this shell, never answers. */
function besideHungMount(...args: string[]) {
  const point = join(temporaryDirectory(), 'dead nas');
  mkdirSync(point);
  const script = `exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 dead "$1" || exit 9; shift
    "$@" 3>&- & echo "pid $!"; wait $!; echo "ended $?"`;
  const command = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'sh',
    '-c',
    script,
    'sh',
    point,
    process.execPath,
    agent,
    ...args,
  ];
  const program = startProgram(command, { env: { REEVE_AGENT_STATE: temporaryDirectory(), REEVE_MDNS: 'off' } });
  onTestFinished(() => (program.isRunning() ? program.kill() : undefined));
  return { program, point };
}

const canMount = process.getuid?.() === 0 && existsSync('/dev/fuse');

describe.runIf(canMount)('a real FUSE mount that never answers', { timeout: 60_000 }, () => {
  it('is named as hung while each second’s values still come on time', async () => {
    const { program, point } = besideHungMount('--stdout', '--interval', '1s');
    const blocks = () => program.output().match(/^--- /gm)?.length ?? 0;
    const startedAt = performance.now();
    await until(() => program.output().includes(`system.filesystem.hung ${point}`), { timeoutMs: 40_000 });
    const [seconds, seen] = [(performance.now() - startedAt) / 1000, blocks()];
    expect(program.output()).toMatch(/system\.filesystem\.hung .*dead nas +1\n/);
    expect(program.output()).toMatch(/system\.filesystem\.utilization \/ +\d/);
    expect(seen).toBeGreaterThanOrEqual(Math.floor(seconds * 0.7));
  });

  it('does not keep the agent from ending', async () => {
    const { program } = besideHungMount('doctor');
    await until(() => program.output().includes('ended 0'), { timeoutMs: 45_000 });
    expect(program.output()).toMatch(/File systems +read/);
  });
});
