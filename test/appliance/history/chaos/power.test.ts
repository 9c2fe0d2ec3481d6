import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bundleProgram } from '../../../helpers/bundle.ts';
import { type Device, makeDevice, whyNoDevice } from '../../../helpers/ext4.ts';
import { askHost, historyBench } from '../../../helpers/history.ts';
import { makeDirectory, removeDirectory } from '../../../helpers/temporary.ts';
import { until } from '../../../helpers/until.ts';
import { AGENTS, type FromChild, START, STEP_MS, type ToChild } from './messages.ts';

const CYCLES = process.env.REEVE_TEST_STRICT === '1' ? 20 : 6;
const obstacle = whyNoDevice();

let directory: string;
let program: string;
let device: Device;
beforeAll(async () => {
  if (obstacle) return;
  directory = makeDirectory();
  program = await bundleProgram(fileURLToPath(new URL('./child.ts', import.meta.url)), directory);
  device = makeDevice(directory, 128);
});
afterAll(() => {
  if (obstacle) return;
  device.remove();
  removeDirectory(directory);
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.skipIf(obstacle !== undefined)(
  `the power is cut ${CYCLES} times at random moments${obstacle ? ` (left out: ${obstacle})` : ''}: nothing acknowledged is lost, nothing doubled, every start works`,
  async () => {
    const dir = join(device.dir, 'data');
    const made = Array.from({ length: AGENTS }, () => 0);
    const acked = Array.from({ length: AGENTS }, () => 0);
    const troubles: string[] = [];
    let isCut = false;
    const hear = (message: FromChild) => {
      // What is said behind the cut is the word of a machine without power: a sync that was under way may have seemed to succeed.
      if (isCut) return;
      if ('refused' in message) troubles.push(message.refused);
      else if ('agent' in message) acked[message.agent] = Math.max(acked[message.agent] ?? 0, message.acked);
    };
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      isCut = false;
      const { child, ready } = await start(dir, hear);
      ready.forEach((mark, agent) => {
        if (mark < (acked[agent] ?? 0)) troubles.push(`agent ${agent} was at ${acked[agent]} and is at ${mark}`);
        acked[agent] = mark;
      });
      const endsAt = performance.now() + 400 + Math.random() * 900;
      while (performance.now() < endsAt) {
        feed(child, made, acked);
        await wait(15);
      }
      if (cycle === 0) await until(() => acked.some((mark) => mark > 20), { what: 'frames were acknowledged' });
      isCut = true;
      device.cutPower();
      child.kill('SIGKILL');
      await once(child, 'exit');
      device.mountAgain();
    }
    expect(troubles).toEqual([]);
    await expectAll(dir, acked);
  },
  300_000,
);

function feed(child: ChildProcess, made: number[], acked: readonly number[]): void {
  for (let agent = 0; agent < AGENTS; agent++) {
    made[agent] = (made[agent] ?? 0) + Math.floor(Math.random() * 4);
    const from = (acked[agent] ?? 0) + 1;
    const count = Math.min(60, (made[agent] ?? 0) - from + 1);
    const numbers = Array.from({ length: Math.max(0, count) }, (_, i) => from + i);
    if (numbers.length > 0) child.send({ agent, numbers } satisfies ToChild, () => undefined);
  }
}

async function start(
  dir: string,
  onMessage: (message: FromChild) => void,
): Promise<{ child: ChildProcess; ready: number[] }> {
  const child = fork(program, [dir]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [first] = (await once(child, 'message')) as [FromChild];
  if (!('ready' in first)) throw new Error('refused' in first ? first.refused : 'not ready');
  child.on('message', onMessage);
  return { child, ready: first.ready };
}

async function expectAll(dir: string, acked: readonly number[]): Promise<void> {
  const bench = historyBench(dir);
  bench.now = START + Math.max(...acked) * STEP_MS;
  const history = await bench.open();
  for (const [agent, mark] of acked.entries()) {
    const durable = history.durableMark(`agent-${agent}/stream`);
    expect(durable).toBeGreaterThanOrEqual(mark);
    const range = { from: START, to: START + (durable + 10) * STEP_MS };
    const answer = await askHost(history, { hostId: `host-${agent}`, ...range, maxPoints: 1_000_000 });
    const [series] = answer.series;
    const found = answer.at.flatMap((_, i) => (series?.average[i] == null ? [] : [[series.min[i], series.max[i]]]));
    expect(found).toEqual(Array.from({ length: durable }, (_, i) => [i + 1, i + 1]));
  }
  expect((await history.transfer.verify()).findings).toEqual([]);
  await history.close();
}
